import { ingestUnderKills, ingestWindow, withEmbeddedGround } from '../support/ingest-kill.js';

test('a caller that resumes ends with exactly its points, however often the gateway is killed', async () => {
  const end = await withEmbeddedGround((ground) => ingestUnderKills(20_000, 4, ground));
  expect(end.killed).toBe(4);
  expect(end.count).toMatchObject({ result: { count: String(20_000 - end.messages) } });
  // One bad point a message, each told once.
  const told = end.rejections.map(({ sequence, index }) => `${sequence}/${index}`);
  expect(new Set(told).size).toBe(end.messages);
  expect(told).toHaveLength(end.messages);
  expect(end.repeated).toBeLessThanOrEqual((end.streams - 1) * ingestWindow);
}, 60_000);
