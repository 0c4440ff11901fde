import { restartUnderLoad } from './restarts.js';

// Row 5, in short: ten restarts of the node. The long version has 120, and the same without a guard.
test('the node restarts under load: the gateway lives on, and callers hear OK or UNAVAILABLE', async () => {
  const { exitCode, stopCode, errors, codes } = await restartUnderLoad(10);
  expect([exitCode, stopCode]).toEqual([null, 0]);
  expect(errors).toEqual([]);
  for (const code of codes.keys()) expect([0, 14]).toContain(code);
}, 60_000);
