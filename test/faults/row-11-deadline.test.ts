import { connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { startTestGateway } from '../support/gateway.js';
import { type PeerCall, startHttp2Peer } from '../support/http2-peer.js';
import { connectCaller, pointCalls, startStandIn, timed } from './stand-in.js';

// Row 11: the caller has less time than the node takes.
const slow = (call: PeerCall): void => {
  setTimeout(() => call.reply(), 3_000).unref();
};

/** The time that the node was told of. */
function toldMs({ headers }: PeerCall): number {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(headers['grpc-timeout'])) ?? [];
  return Number(digits) * (unitsMs[unit] ?? Number.NaN);
}

const unitsMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

test('the call ends at its deadline, and the node was told of no more time than that', async () => {
  const node = await startHttp2Peer({ onCall: slow });
  const backend = connectTestBackend({ addresses: [node.address] });
  try {
    const { result, tookMs } = await timed(
      errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(100))),
    );
    expect(result.reason).toBe('DEADLINE_EXCEEDED');
    expect(tookMs).toBeLessThan(1_000);
    expect(node.calls.map(toldMs)[0]).toBeLessThanOrEqual(100);
    expect(node.calls).toHaveLength(1);
  } finally {
    await backend.close();
    await node.close();
  }
});

test('attempts share one deadline: each is told of less, and none begins after it', async () => {
  const node = await startHttp2Peer({ onCall: (call) => setTimeout(() => call.fail(14, 'busy'), 40) });
  const backend = connectTestBackend({
    addresses: [node.address],
    breaker: { minCalls: 1_000 },
    retry: { maxAttempts: 100, baseDelayMs: 1, maxDelayMs: 5, budgetPercent: 100 },
  });
  const read = (timeoutMs: number) =>
    errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(timeoutMs)));
  try {
    // The budget grows with the calls: enough for all that fit in.
    for (let call = 0; call < 10; call += 1) await read(20);
    node.calls.length = 0;
    const startedAtMs = performance.now();
    const { result, tookMs } = await timed(read(300));
    expect([4, 14]).toContain(result.code);
    expect(tookMs).toBeLessThan(1_000);
    const told = node.calls.map(toldMs);
    expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual([...told].sort((a, b) => b - a));
    for (const call of node.calls) {
      // What the node heard and when: never past the deadline, but for the time of the way.
      const elapsedMs = call.arrivedAtMs - startedAtMs;
      expect(toldMs(call) + elapsedMs).toBeLessThan(300 + 200);
      expect(toldMs(call)).toBeGreaterThan(0);
    }
  } finally {
    await backend.close();
    await node.close();
  }
});

test('a call without a deadline has the default one', async () => {
  const node = await startHttp2Peer({ onCall: slow });
  const backend = connectTestBackend({
    addresses: [node.address],
    defaultDeadlineMs: 100,
    retry: { maxAttempts: 1 },
  });
  const forever = {
    signal: new AbortController().signal,
    deadlineAtMs: Number.POSITIVE_INFINITY,
    attempts: 0,
  };
  try {
    const error = await errorOf(backend.call('Points/Get', nameOf('docs'), noBody, forever));
    expect(error.reason).toBe('DEADLINE_EXCEEDED');
    expect(node.calls.map(toldMs)[0]).toBeLessThanOrEqual(100);
  } finally {
    await backend.close();
    await node.close();
  }
});

test('a caller of the gateway hears DEADLINE_EXCEEDED in time, and the node was told of what was left', async () => {
  const node = await startStandIn(slow);
  const gateway = await startTestGateway({ backendAddress: node.address });
  const caller = connectCaller(gateway.address);
  try {
    const tookMs: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      const outcome = await timed(caller.read({ timeoutMs: 100 }));
      expect(outcome.result.code).toBe(4);
      tookMs.push(outcome.tookMs);
    }
    // The fastest: a busy machine is late for some.
    expect(Math.min(...tookMs)).toBeLessThan(150);
    const told = pointCalls(node).map(toldMs);
    expect(told.length).toBeGreaterThan(0);
    for (const each of told) expect(each).toBeLessThanOrEqual(100);
  } finally {
    caller.close();
    await gateway.close();
    await node.close();
  }
});
