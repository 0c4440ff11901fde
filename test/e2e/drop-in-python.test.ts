import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { differences, recording, type Step } from '../support/drop-in/steps.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { realQdrant } from '../support/real-qdrant.js';

const script = join(__dirname, '../support/python/drop_in_scenario.py');
const isThere = spawnSync('python3', ['-c', 'import qdrant_client']).status === 0;
const real = realQdrant();

if (!isThere) {
  process.stderr.write(
    '\nSKIPPED: the official Python client: python3 has no qdrant_client. ' +
      '`python3 -m venv DIR && DIR/bin/pip install qdrant-client`, and put DIR/bin first in PATH.\n',
  );
}

/** The embedded store serves less than Qdrant, and says so. */
const unserved: ReadonlySet<string> = new Set([
  'facet',
  'query, batch',
  'query with prefetch and fusion',
  'query, recommend',
  'query, discover',
  'query, groups',
  'matrix of pairs',
  'matrix with offsets',
  'update, batch',
  'create with named vectors',
]);
// These need the collection that it did not make.
const aboutMany = /named vector|sparse|multivector|scenario-many/;

const run = promisify(execFile);

/** Runs the scenario in a process of its own. `headers` are "name=value". */
async function scenario(address: string, ...headers: string[]): Promise<Step[]> {
  const { stdout } = await run('python3', [script, address, ...headers], { timeout: 60_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line): Step => JSON.parse(line));
}

(isThere ? describe : describe.skip)('the official Python client, over gRPC', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  (real ? test : test.skip)(
    'gets from the gateway what it gets from Qdrant',
    async () => {
      const { host } = new URL(real?.url ?? '');
      const key = real?.apiKey;
      const direct = await scenario(host, ...(key === undefined ? [] : [`api-key=${key}`]));
      recording.write('python-scenario', direct);
      expect(direct.filter(({ code }) => code !== undefined).length).toBeLessThan(8);
      expect(differences(direct, await scenario(gateway.address, 'x-company-id=drop-in-py'))).toEqual([]);
    },
    120_000,
  );

  (real ? test.skip : test)(
    'on the embedded store it gets what Qdrant answered, or is told that the store does not serve the call',
    async () => {
      const recorded = recording.read('python-scenario');
      const got = await scenario(gateway.address, 'x-company-id=drop-in-py');
      const isServed = ({ step }: Step): boolean => !unserved.has(step) && !aboutMany.test(step);
      expect(got.filter(({ code }) => code === 'UNIMPLEMENTED').map(({ step }) => step)).toEqual([
        ...unserved,
      ]);
      expect(differences(recorded.filter(isServed), got.filter(isServed))).toEqual([]);
    },
    60_000,
  );
});
