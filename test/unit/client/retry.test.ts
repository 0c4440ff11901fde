import { Code, VectorGatewayError } from '../../../src/client/client-error.js';
import { backoffOf, isPassing } from '../../../src/client/upsert-all/retry.js';
import { settingsOf } from '../../../src/client/upsert-all/types.js';

test.each([
  [Code.UNAVAILABLE, undefined, true],
  [Code.UNAVAILABLE, 'SHUTTING_DOWN', true],
  [Code.ABORTED, 'STREAM_IDLE', true],
  [Code.CANCELLED, undefined, true],
  [Code.RESOURCE_EXHAUSTED, 'RATE_LIMITED', true],
  [Code.RESOURCE_EXHAUSTED, 'MESSAGE_TOO_LARGE', false],
  // A reset stream has these codes; the gateway's own INTERNAL has a reason.
  [Code.INTERNAL, undefined, true],
  [Code.UNKNOWN, undefined, true],
  [Code.INTERNAL, 'INTERNAL', false],
  [Code.INVALID_ARGUMENT, 'FIELD_INVALID', false],
  [Code.PERMISSION_DENIED, 'SCOPE_FORBIDDEN', false],
  [Code.UNAUTHENTICATED, undefined, false],
])('a stream that ends with %d %s may be continued: %s', (code, reason, expected) => {
  expect(isPassing(new VectorGatewayError({ code, reason, message: '' }))).toBe(expected);
});

test('waits double up to their bound, are spread, and are not shorter than the gateway asks for', () => {
  const settings = settingsOf({ backoffMs: 100, maxBackoffMs: 1000 });
  const longest = (attempt: number): number =>
    Math.max(...Array.from({ length: 500 }, () => backoffOf(attempt, settings)));
  expect(longest(0)).toBeLessThanOrEqual(100);
  expect(longest(2)).toBeGreaterThan(200);
  expect(longest(2)).toBeLessThanOrEqual(400);
  expect(longest(1000)).toBeLessThanOrEqual(1000);
  expect(backoffOf(0, settings, 3000)).toBe(3000);
  expect(Math.min(...Array.from({ length: 500 }, () => backoffOf(9, settings)))).toBeLessThan(100);
});
