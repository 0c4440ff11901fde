import { callMetadata, runLoad } from '../../bench/load-run.js';
import { startTestGateway } from '../support/gateway.js';

test('a mixed load of two seconds ends without an error', async () => {
  const gateway = await startTestGateway();
  const report = await runLoad({
    address: gateway.address,
    metadata: callMetadata('load', undefined),
    tls: false,
    caFile: undefined,
    durationMs: 2_000,
    callers: 4,
    dimension: 64,
  });
  await gateway.close();
  expect(report.text).toMatch(/^call +calls/);
  expect(report.errors).toBe(0);
  expect(report.calls).toBeGreaterThan(20);
});
