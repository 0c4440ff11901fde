import { credentials } from '@grpc/grpc-js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { jsonClient } from '../support/golden/client.js';
import { compare } from '../support/golden/compare.js';
import { furtherTopics, readCases, readExceptions, topics } from '../support/golden/recordings.js';
import { Replay } from '../support/golden/replay.js';
import { realQdrant } from '../support/real-qdrant.js';

// A client of Qdrant sends these calls to the gateway, with nothing changed but the host and a header.
const real = realQdrant();
const guards = readExceptions('guards');

let gateway: TestGateway;
let replay: Replay;
beforeAll(async () => {
  gateway = await startTestGateway();
  const headers = { 'x-company-id': 'drop-in' };
  replay = new Replay(jsonClient(gateway.address, credentials.createInsecure(), headers));
}, 60_000);
afterAll(async () => {
  await replay.close();
  await gateway.close();
});

(real ? describe.skip : describe)('before the embedded store', () => {
  const exceptions = { ...readExceptions(), ...guards };

  // All topics are compared on a real Qdrant below; golden.test.ts has them for the store itself.
  test.each(['collections', 'points', 'payload'])(
    '%s: the gateway answers as Qdrant was recorded to, unless a guard or the store is named',
    async (topic) => {
      const wrong: string[] = [];
      for (const recorded of readCases(topic)) {
        const differences = await replay.run(recorded);
        if (differences.length > 0 !== Object.hasOwn(exceptions, recorded.case))
          wrong.push(`${recorded.case} (${recorded.about}): ${differences.join('\n    ')}`);
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );
});

(real ? describe : describe.skip)('before the Qdrant at QDRANT_URL', () => {
  let direct: Replay;
  beforeAll(() => {
    const url = new URL(real?.url ?? '');
    const channel = url.protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure();
    direct = new Replay(
      jsonClient(`${url.hostname}:${url.port || '6334'}`, channel, { 'api-key': real?.apiKey }),
    );
  });
  afterAll(() => direct.close());

  test.each([...topics, ...furtherTopics])(
    '%s: the gateway answers as Qdrant itself does, unless a guard is named',
    async (topic) => {
      const wrong: string[] = [];
      let passes = 0;
      const cases = readCases(topic);
      for (const recorded of cases) {
        const [expected, got] = [await direct.answers(recorded), await replay.answers(recorded)];
        const differences = recorded.steps.flatMap((step, index) => {
          const { code = '', response } = expected[index] ?? {};
          const { response: _recorded, ...asked } = step;
          const difference = compare(
            { ...asked, code, ...(response && { response }) },
            got[index] ?? { code: 'nothing' },
          );
          return difference === undefined ? [] : [`step ${index} ${step.rpc}: ${difference}`];
        });
        if (differences.length === 0) passes += 1;
        if (differences.length > 0 !== Object.hasOwn(guards, recorded.case)) {
          wrong.push(`${recorded.case} (${recorded.about}): ${differences.join('\n    ')}`);
        }
      }
      process.stdout.write(`drop-in ${topic}: ${passes} of ${cases.length} cases\n`);
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});
