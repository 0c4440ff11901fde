import { breakerOff, connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { eventually } from '../support/eventually.js';
import { timed } from './stand-in.js';
import { startUpstreamProcess, type UpstreamProcess } from './upstream-process.js';

// Row 3: the node's process stands still, and its connections stay open.
let node: UpstreamProcess;
beforeEach(async () => {
  node = await startUpstreamProcess();
});
afterEach(() => node.stop());

const pings = { keepaliveTimeMs: 100, keepaliveTimeoutMs: 200 };
const noPings = { keepaliveTimeMs: 600_000, keepaliveTimeoutMs: 600_000 };
const deadlineMs = 10_000;

test('our own ping ends the calls long before their deadline, and new connections serve after the thaw', async () => {
  const backend = connectTestBackend({
    addresses: [node.address],
    pool: pings,
    breaker: { minCalls: 4 },
    retry: { maxAttempts: 1 },
  });
  const read = () => backend.call('Points/Get', nameOf('docs'), noBody, contextOf(deadlineMs));
  try {
    await read();
    await eventually('both channels are ready', () => backend.stats().endpoints[0]?.readyChannels === 2);
    const sessionsBefore = node.sessions();
    node.freeze();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => timed(errorOf(read()))));
    expect(outcomes.map(({ result }) => result.code)).toEqual(Array.from({ length: 8 }, () => 14));
    // Much less than the deadline on any machine.
    for (const { tookMs } of outcomes) expect(tookMs).toBeLessThan(deadlineMs / 2);
    await eventually('the circuit opens', () => backend.changes.includes('open'));
    await eventually('a probe fails', () => backend.changes.filter((each) => each === 'open').length >= 2);
    expect(backend.changes).not.toContain('closed');

    node.thaw();
    await eventually('the circuit closes', () => backend.changes.includes('closed'));
    await read();
    expect(node.sessions()).toBeGreaterThan(sessionsBefore);
  } finally {
    await backend.close();
  }
});

test('a write that a frozen node may have taken is not sent again, and its fate is called unknown', async () => {
  const backend = connectTestBackend({ addresses: [node.address], pool: pings, breaker: breakerOff });
  const write = (context = contextOf(deadlineMs)) =>
    backend.call('Points/Upsert', nameOf('docs'), noBody, context);
  try {
    await write();
    node.freeze();
    const context = contextOf(deadlineMs);
    const error = await errorOf(write(context));
    expect([error.code, error.indeterminate, context.attempts]).toEqual([14, true, 1]);
  } finally {
    await backend.close();
  }
});

test('with the guards off, every call waits for its deadline', async () => {
  const backend = connectTestBackend({
    addresses: [node.address],
    pool: noPings,
    breaker: breakerOff,
    retry: { maxAttempts: 1 },
  });
  const read = (timeoutMs: number) =>
    backend.call('Points/Get', nameOf('docs'), noBody, contextOf(timeoutMs));
  try {
    await read(deadlineMs);
    node.freeze();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => timed(errorOf(read(1_000)))));
    expect(outcomes.map(({ result }) => result.code)).toEqual(Array.from({ length: 8 }, () => 4));
    for (const { tookMs } of outcomes) expect(tookMs).toBeGreaterThan(950);
  } finally {
    await backend.close();
  }
});
