import {
  ingestUnderKills,
  ingestWindow,
  type KillGround,
  withEmbeddedGround,
} from '../support/ingest-kill.js';
import { createQdrantProcess } from '../support/qdrant-process.js';
import { realQdrant, rememberCollections } from '../support/real-qdrant.js';

async function twentyKills(ground: KillGround) {
  const end = await ingestUnderKills(200_000, 20, ground);
  expect(end.killed).toBe(20);
  expect(end.count).toMatchObject({ result: { count: String(200_000 - end.messages) } });
  expect(new Set(end.rejections.map(({ sequence }) => sequence)).size).toBe(end.messages);
  expect(end.rejections).toHaveLength(end.messages);
  expect(end.repeated).toBeLessThanOrEqual((end.streams - 1) * ingestWindow);
  return end;
}

test('200,000 points, and the gateway with its store killed twenty times: the final set equals the input', async () => {
  await withEmbeddedGround(twentyKills);
}, 300_000);

const qdrant = realQdrant();
// A server that others run can not be killed by a test: for that it starts one of its own.
const binary = process.env.QDRANT_BINARY;
if (qdrant === undefined) note('the kills of a gateway before a real Qdrant: QDRANT_URL is not set');
if (binary === undefined) note('the kills of a real Qdrant: QDRANT_BINARY, the path of one, is not set');

(qdrant === undefined ? test.skip : test)(
  '200,000 points, and the gateway before a real Qdrant killed twenty times: the final set equals the input',
  async () => {
    const before = await rememberCollections();
    const env: Record<string, string> = { QDRANT_URL: qdrant?.url ?? '' };
    if (qdrant?.apiKey !== undefined) env.QDRANT_API_KEY = qdrant.apiKey;
    try {
      await twentyKills({ env, tenant: `kill-${process.pid}` });
    } finally {
      await before.tidyUp();
    }
  },
  300_000,
);

(binary === undefined ? test.skip : test)(
  '200,000 points, gateway and Qdrant killed twenty times: the final set equals the input',
  async () => {
    const backend = await createQdrantProcess(binary ?? '');
    try {
      await backend.start();
      const end = await twentyKills({ env: { QDRANT_URL: backend.url }, tenant: '42', backend });
      expect(end.killedBackends).toBeGreaterThan(0);
    } finally {
      await backend.remove();
    }
  },
  600_000,
);

function note(what: string): void {
  process.stderr.write(`\nSKIPPED: ${what}\n`);
}
