import { QdrantClient } from '@qdrant/js-client-grpc';
import { runJsScenario } from '../support/drop-in/js-scenario.js';
import { differences, recording, type Step } from '../support/drop-in/steps.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { realQdrant } from '../support/real-qdrant.js';

const real = realQdrant();

/** The embedded store serves less than Qdrant, and says so. */
const unserved: ReadonlySet<string> = new Set([
  'facet',
  'recommend',
  'recommend, batch',
  'recommend by points of another collection',
  'discover',
  'discover, batch',
  'query with prefetch and fusion',
  'query in order',
  'query, batch',
  'matrix of pairs',
  'matrix with offsets',
  'search groups',
  'recommend groups',
  'query groups',
  'groups by number, with a look-up',
  'update, batch',
  'create with named vectors',
  'recommend by a missing point',
]);
// These need the collection that it did not make.
const aboutMany = /named vector|sparse|multivector|delete vectors|scenario-many/;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
// The client has no close(): nothing must be called any more when the gateway ends.
afterAll(() => gateway.close());

function clientOf(url: string, headers: Record<string, string>): QdrantClient {
  return new QdrantClient({ url, headers });
}

const throughGateway = (): Promise<Step[]> =>
  runJsScenario(clientOf(`http://${gateway.address}`, { 'x-company-id': 'drop-in-js' }));

(real ? test : test.skip)(
  'the official client gets from the gateway what it gets from Qdrant',
  async () => {
    const key = real?.apiKey;
    const direct = await runJsScenario(
      clientOf(real?.url ?? '', key === undefined ? {} : { 'api-key': key }),
    );
    recording.write('js-scenario', direct);
    expect(direct.filter(({ code }) => code !== undefined).length).toBeLessThan(10);
    expect(differences(direct, await throughGateway())).toEqual([]);
  },
  60_000,
);

(real ? test.skip : test)(
  'on the embedded store it gets what Qdrant answered, or is told that the store does not serve the call',
  async () => {
    const recorded = recording.read('js-scenario');
    const got = await throughGateway();
    const isServed = ({ step }: Step): boolean => !unserved.has(step) && !aboutMany.test(step);
    expect(got.filter(({ code }) => code === 'UNIMPLEMENTED').map(({ step }) => step)).toEqual([...unserved]);
    expect(differences(recorded.filter(isServed), got.filter(isServed))).toEqual([]);
  },
  60_000,
);
