import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { type EmbeddedStore, startEmbeddedStore } from '../../src/embedded/index.js';
import { jsonClient } from '../support/golden/client.js';
import { readCases, readExceptions, topics } from '../support/golden/recordings.js';
import { Replay } from '../support/golden/replay.js';
import { realQdrant } from '../support/real-qdrant.js';

const real = realQdrant();

/** Replays a topic; what fails unlisted and what passes though listed. */
async function judge(server: string, replay: Replay, topic: string, exceptions: Record<string, string>) {
  const cases = readCases(topic);
  const failures: string[] = [];
  const passedThoughListed: string[] = [];
  let passes = 0;
  for (const recorded of cases) {
    const differences = await replay.run(recorded);
    const isListed = recorded.case in exceptions;
    if (differences.length === 0) passes += 1;
    if (differences.length === 0 && isListed) passedThoughListed.push(recorded.case);
    if (differences.length > 0 && !isListed) {
      failures.push(`${recorded.case} (${recorded.about}): ${differences.join('\n    ')}`);
    }
  }
  process.stdout.write(`golden ${server} ${topic}: ${passes} of ${cases.length} cases\n`);
  return { failures, passedThoughListed };
}

describe('recorded exchanges on the embedded store', () => {
  const exceptions = readExceptions();
  let dataDir: string;
  let store: EmbeddedStore;
  let replay: Replay;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'golden-'));
    store = await startEmbeddedStore({ dataDir });
    replay = new Replay(jsonClient(store.address, credentials.createInsecure()));
  });
  afterAll(async () => {
    await replay.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  test.each(topics)(
    '%s: a case passes unless it is listed, and a listed one does not',
    async (topic) => {
      const { failures, passedThoughListed } = await judge('embedded', replay, topic, exceptions);
      expect(failures).toEqual([]);
      expect(passedThoughListed).toEqual([]);
    },
    60_000,
  );

  test('the list of exceptions names recorded cases only', () => {
    const recorded = new Set(topics.flatMap((topic) => readCases(topic).map((one) => one.case)));
    expect(Object.keys(exceptions).filter((name) => !recorded.has(name))).toEqual([]);
  });
});

(real ? describe : describe.skip)('recorded exchanges on the Qdrant at QDRANT_URL', () => {
  let replay: Replay;

  beforeAll(() => {
    const url = new URL(real?.url ?? '');
    const channel = url.protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure();
    replay = new Replay(
      jsonClient(`${url.hostname}:${url.port || '6334'}`, channel, { 'api-key': real?.apiKey }),
    );
  });
  afterAll(() => replay.close());

  test.each(topics)(
    '%s: every case passes',
    async (topic) => {
      const { failures } = await judge('qdrant', replay, topic, {});
      expect(failures).toEqual([]);
    },
    120_000,
  );
});
