import { ingestUnderKills, ingestWindow } from '../support/ingest-kill.js';

test('200,000 points, and the gateway killed twenty times: the final set equals the input', async () => {
  const end = await ingestUnderKills(200_000, 20);
  expect(end.killed).toBe(20);
  expect(end.count).toMatchObject({ result: { count: String(200_000 - end.messages) } });
  expect(new Set(end.rejections.map(({ sequence }) => sequence)).size).toBe(end.messages);
  expect(end.rejections).toHaveLength(end.messages);
  expect(end.repeated).toBeLessThanOrEqual((end.streams - 1) * ingestWindow);
}, 300_000);
