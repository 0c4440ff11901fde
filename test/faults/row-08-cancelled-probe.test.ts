import CircuitBreaker from 'opossum';
import {
  connectTestBackend,
  contextOf,
  errorOf,
  nameOf,
  noBody,
  type TestBackend,
} from '../support/backend.js';
import { eventually } from '../support/eventually.js';
import { type Http2Peer, type PeerCall, startHttp2Peer } from '../support/http2-peer.js';

// Row 8: the circuit is half open, and the caller of the one call that would decide gives up.
const unavailable = 14;

let node: Http2Peer;
let backend: TestBackend;
/** What the node does with calls; it fails them until a test says otherwise. */
let onCall: (call: PeerCall) => void;
/** Health checks that wait for the test to answer them. */
let probes: PeerCall[];

beforeEach(async () => {
  onCall = (call) => call.fail(unavailable, 'starting');
  probes = [];
  node = await startHttp2Peer({
    onCall: (call) => onCall(call),
    onHealthCheck: (call) => probes.push(call),
  });
  backend = connectTestBackend({
    addresses: [node.address],
    breaker: { minCalls: 5, openMs: 100, probeTimeoutMs: 10_000 },
    retry: { maxAttempts: 1 },
  });
});
afterEach(async () => {
  await backend.close();
  await node.close();
});

const read = (context = contextOf()) => backend.call('Points/Get', nameOf('docs'), noBody, context);
const isHalfOpen = () => backend.stats().endpoints[0]?.breaker === 'half_open' && probes.length > 0;

async function openCircuit(): Promise<void> {
  for (let call = 0; call < 5; call += 1) await errorOf(read());
  await eventually('the circuit opens', () => backend.changes.includes('open'));
}

test('callers are no probes: they are refused, a cancel changes nothing, and our own probe closes', async () => {
  await openCircuit();
  await eventually('the node is probed', isHalfOpen);
  for (let call = 0; call < 10; call += 1) {
    const context = contextOf();
    const refused = errorOf(read(context));
    context.cancel();
    expect((await refused).reason).toBe('CIRCUIT_OPEN');
  }
  expect(backend.changes).toEqual(['open', 'half_open']);
  expect(node.calls).toHaveLength(5);

  onCall = (call) => call.reply();
  probes[0]?.reply();
  await eventually('the circuit closes', () => backend.changes.includes('closed'));
  await read();
});

test('a call from before the circuit opened decides nothing, answered or cancelled', async () => {
  let answered: PeerCall | undefined;
  onCall = (call) => {
    answered = call;
  };
  const [first, second] = [contextOf(), contextOf()];
  const early = read(first);
  await node.arrived(1);
  const held = answered;
  const cancelled = errorOf(read(second));
  await node.arrived(2);
  onCall = (call) => call.fail(unavailable, 'starting');
  await openCircuit();
  await eventually('the node is probed', isHalfOpen);

  second.cancel();
  expect((await cancelled).reason).toBe('CANCELLED');
  held?.reply();
  await early;
  expect(backend.changes).toEqual(['open', 'half_open']);

  probes[0]?.fail(unavailable, 'starting');
  await eventually('the circuit opens again', () => backend.changes.length >= 3);
  expect(backend.changes.slice(0, 3)).toEqual(['open', 'half_open', 'open']);
});

test('with the bare library, a cancelled probe closes the circuit of a node that is down', async () => {
  jest.useFakeTimers();
  const circuit = new CircuitBreaker(
    async (error: string) => {
      throw new Error(error);
    },
    {
      timeout: false,
      resetTimeout: 100,
      // The usual way to say that a caller's cancel is no failure.
      errorFilter: (error: Error) => error.message === 'cancelled',
    },
  );
  try {
    await circuit.fire('down').catch(() => undefined);
    expect(circuit.opened).toBe(true);
    jest.advanceTimersByTime(100);
    expect(circuit.halfOpen).toBe(true);
    await circuit.fire('cancelled').catch(() => undefined);
    expect(circuit.closed).toBe(true);
  } finally {
    circuit.shutdown();
    jest.useRealTimers();
  }
});
