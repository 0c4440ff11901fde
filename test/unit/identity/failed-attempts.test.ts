import { peerOf } from '../../../src/identity/failed-attempts.js';
import { FailedAttempts } from '../../../src/identity/index.js';

test('failures come back with time, as many as a minute has', () => {
  let nowMs = 0;
  const attempts = new FailedAttempts({ maxPerMinute: 6, nowMs: () => nowMs });
  for (let each = 0; each < 6; each += 1) {
    expect(attempts.delayMs('192.0.2.1')).toBe(0);
    attempts.count('192.0.2.1');
  }
  expect(attempts.delayMs('192.0.2.1')).toBe(10_000);
  expect(attempts.delayMs('192.0.2.2')).toBe(0);
  nowMs = 4_000;
  expect(attempts.delayMs('192.0.2.1')).toBe(6_000);
  nowMs = 10_000;
  expect(attempts.delayMs('192.0.2.1')).toBe(0);
  attempts.count('192.0.2.1');
  expect(attempts.delayMs('192.0.2.1')).toBe(10_000);
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:DB8:1:2::7'],
  ['2001:db8::1', '2001:0db8:0000:0000:ffff::2'],
  ['fe80::1%eth0', 'fe80::2'],
])('%s and %s are one peer', (one, other) => {
  expect(peerOf(one)).toBe(peerOf(other));
});

test('other networks are other peers', () => {
  const addresses = ['192.0.2.1', '192.0.2.2', '2001:db8:1:2::1', '2001:db8:1:3::1', '::1', '2001::1'];
  expect(new Set(addresses.map(peerOf)).size).toBe(addresses.length);
});

test('of many peers those that were silent for longest are forgotten', () => {
  const attempts = new FailedAttempts({ maxPerMinute: 1, nowMs: () => 0 });
  for (let each = 0; each < 20_000; each += 1) attempts.count(`10.0.${each >> 8}.${each & 255}`);
  expect(attempts.delayMs('10.0.0.0')).toBe(0);
  expect(attempts.delayMs('10.0.78.31')).toBeGreaterThan(0);
});

test('a good caller is remembered for its own peer alone', () => {
  const attempts = new FailedAttempts({ maxPerMinute: 1 });
  attempts.remember('192.0.2.1', 'search');
  expect(attempts.knows('192.0.2.1', 'search')).toBe(true);
  expect(attempts.knows('192.0.2.2', 'search')).toBe(false);
  expect(attempts.knows('192.0.2.1', 'ingest')).toBe(false);
});
