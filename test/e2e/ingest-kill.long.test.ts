import { ingestUnderKills, ingestWindow } from '../support/ingest-kill.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));

test('200,000 points, and the gateway killed twenty times: the final set equals the input', async () => {
  console.info(`seed of the kills: SEED=${seed}`);
  const end = await ingestUnderKills(200_000, 20, seed);
  expect(end.killed).toBe(20);
  expect(end.count).toMatchObject({ result: { count: String(200_000 - end.messages) } });
  expect(new Set(end.rejections.map(({ sequence }) => sequence)).size).toBe(end.messages);
  expect(end.rejections).toHaveLength(end.messages);
  expect(end.repeated).toBeLessThanOrEqual((end.streams - 1) * ingestWindow);
}, 300_000);
