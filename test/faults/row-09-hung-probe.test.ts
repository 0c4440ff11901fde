import CircuitBreaker from 'opossum';
import { connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { eventually } from '../support/eventually.js';
import { startHttp2Peer } from '../support/http2-peer.js';

// Row 9: the circuit is half open, and the probe is never answered.
test('the probe fails by its own time, again and again, and the circuit closes when the node is back', async () => {
  let isBack = false;
  const node = await startHttp2Peer({
    onCall: (call) => (isBack ? call.reply() : call.fail(14, 'starting')),
    onHealthCheck: (call) => (isBack ? call.reply() : undefined),
  });
  const backend = connectTestBackend({
    addresses: [node.address],
    breaker: { minCalls: 5, openMs: 50, probeTimeoutMs: 50 },
    retry: { maxAttempts: 1 },
  });
  const read = () => backend.call('Points/Get', nameOf('docs'), noBody, contextOf());
  try {
    for (let call = 0; call < 5; call += 1) await errorOf(read());
    await eventually('five probes', () => backend.changes.length >= 10);
    for (const [index, state] of backend.changes.slice(0, 10).entries()) {
      expect(state).toBe(index % 2 === 0 ? 'open' : 'half_open');
    }
    // Callers are answered all the while, and nothing of theirs reaches the node.
    expect((await errorOf(read())).reason).toBe('CIRCUIT_OPEN');
    expect(node.calls).toHaveLength(5);

    isBack = true;
    await eventually('the circuit closes', () => backend.changes.includes('closed'));
    await read();
  } finally {
    await backend.close();
    await node.close();
  }
});

test('with the bare library, a hung probe leaves the circuit half open for good', async () => {
  jest.useFakeTimers();
  let isHung = false;
  const never = new Promise<void>(() => undefined);
  const circuit = new CircuitBreaker(
    async () => {
      if (isHung) return never;
      throw new Error('down');
    },
    { timeout: false, resetTimeout: 100 },
  );
  try {
    await circuit.fire().catch(() => undefined);
    jest.advanceTimersByTime(100);
    isHung = true;
    void circuit.fire();
    jest.advanceTimersByTime(24 * 3_600_000);
    expect(circuit.halfOpen).toBe(true);
    await expect(circuit.fire()).rejects.toThrow('Breaker is open');
  } finally {
    circuit.shutdown();
    jest.useRealTimers();
  }
});
