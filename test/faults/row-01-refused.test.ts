import { breakerOff, connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { startTestGateway } from '../support/gateway.js';
import { connectCaller } from './stand-in.js';

// Row 1: every connection is refused.
let refusing: FaultProxy;
beforeEach(async () => {
  refusing = await startFaultProxy('127.0.0.1:1');
  refusing.mode = 'reset';
});
afterEach(() => refusing.close());

const openLong = { openMs: 60_000, minCalls: 5 };

test('calls fail as unavailable, the circuit opens at its volume, and then nothing is tried', async () => {
  const backend = connectTestBackend({ addresses: [refusing.address], breaker: openLong });
  try {
    for (let call = 0; call < 20 && backend.stats().endpoints[0]?.breaker === 'closed'; call += 1) {
      const error = await errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf()));
      expect(error.code).toBe(14);
      expect(error.indeterminate).toBe(false);
    }
    expect(backend.changes).toEqual(['open']);
    const acceptsBefore = refusing.accepts();
    const tookMs: number[] = [];
    for (let call = 0; call < 100; call += 1) {
      const startedAtMs = performance.now();
      const error = await errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf()));
      tookMs.push(performance.now() - startedAtMs);
      expect(error.reason).toBe('CIRCUIT_OPEN');
      expect(error.retryDelayMs).toBeGreaterThan(0);
    }
    tookMs.sort((a, b) => a - b);
    expect(tookMs[50]).toBeLessThan(5);
    // Longer than the backoff between two attempts to connect.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(refusing.accepts()).toBe(acceptsBefore);
  } finally {
    await backend.close();
  }
});

test('with the guard off, connections are tried on and on', async () => {
  const backend = connectTestBackend({ addresses: [refusing.address], breaker: breakerOff });
  try {
    await errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf()));
    const acceptsBefore = refusing.accepts();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf()));
    expect(refusing.accepts()).toBeGreaterThan(acceptsBefore);
  } finally {
    await backend.close();
  }
});

test('a caller of the gateway hears UNAVAILABLE, CIRCUIT_OPEN and when to come back', async () => {
  const gateway = await startTestGateway({
    backendAddress: refusing.address,
    env: { BREAKER_MIN_CALLS: '5', BREAKER_OPEN_MS: '60000', POOL_CONNECT_TIMEOUT_MS: '500' },
  });
  const caller = connectCaller(gateway.address);
  try {
    const reasons: (string | undefined)[] = [];
    for (let call = 0; call < 15; call += 1) {
      const { code, message, error } = await caller.read();
      expect(code).toBe(14);
      reasons.push(error?.reason);
      if (error?.reason === 'CIRCUIT_OPEN') expect(error.retryDelayMs).toBeGreaterThan(0);
      expect(message).not.toMatch(/127\.0\.0\.1|ECONN|company_/);
    }
    expect(new Set(reasons)).toEqual(new Set(['BACKEND_UNAVAILABLE', 'CIRCUIT_OPEN']));
  } finally {
    caller.close();
    await gateway.close();
  }
});
