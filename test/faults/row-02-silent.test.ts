import type { ClientHttp2Session } from 'node:http2';
import { breakerOff, connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { eventually } from '../support/eventually.js';
import { startTestGateway } from '../support/gateway.js';
import { type PeerCall, resetCodes, startHttp2Peer } from '../support/http2-peer.js';
import { framed, openSession } from '../support/raw-stream.js';
import { connectCaller, expectAtDeadline, startStandIn, timed } from './stand-in.js';

// Row 2: the node takes connections, and never says a word.
const silent = (): void => undefined;
const never = { onCall: silent, onHealthCheck: silent };

test('calls end at their deadline, and the node hears of each', async () => {
  const peer = await startHttp2Peer(never);
  const backend = connectTestBackend({ addresses: [peer.address] });
  try {
    await expectAtDeadline(300, (timeoutMs) =>
      errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(timeoutMs))),
    );
    const resets = await Promise.all(peer.calls.map(({ closed }) => closed));
    expect(resets).toEqual(Array.from({ length: 9 }, () => resetCodes.cancel));
  } finally {
    await backend.close();
    await peer.close();
  }
});

test('calls without an answer open the circuit when our own health check has none either', async () => {
  const peer = await startHttp2Peer(never);
  const backend = connectTestBackend({
    addresses: [peer.address],
    breaker: { minCalls: 5, openMs: 60_000 },
  });
  try {
    const call = () => errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(50)));
    await Promise.all(Array.from({ length: 5 }, call));
    await eventually('the circuit opens', () => backend.changes.includes('open'));
    const { result, tookMs } = await timed(call());
    expect(result.reason).toBe('CIRCUIT_OPEN');
    expect(tookMs).toBeLessThan(45);
  } finally {
    await backend.close();
    await peer.close();
  }
});

test('with the guard off, every call waits for its deadline, on and on', async () => {
  const peer = await startHttp2Peer(never);
  const backend = connectTestBackend({ addresses: [peer.address], breaker: breakerOff });
  try {
    for (let round = 0; round < 3; round += 1) {
      const calls = Array.from({ length: 10 }, () =>
        timed(errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(100)))),
      );
      for (const { tookMs } of await Promise.all(calls)) expect(tookMs).toBeGreaterThan(90);
    }
    expect(backend.changes).toEqual([]);
  } finally {
    await backend.close();
    await peer.close();
  }
});

test('a call that is left on a connection of the time before ends when the backend closes', async () => {
  const peer = await startHttp2Peer(never);
  const backend = connectTestBackend({
    addresses: [peer.address],
    breaker: { minCalls: 2, openMs: 60_000 },
  });
  const call = (timeoutMs: number) =>
    errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(timeoutMs)));
  try {
    const long = timed(call(60_000));
    await peer.arrived(1);
    await Promise.all([call(50), call(50)]);
    await eventually('the circuit opens', () => backend.changes.includes('open'));
    expect(backend.stats().inFlight).toBe(1);
    await backend.close();
    expect((await long).tookMs).toBeLessThan(10_000);
  } finally {
    await peer.close();
  }
});

test('a caller of the gateway hears DEADLINE_EXCEEDED in time, and UNAVAILABLE once the circuit is open', async () => {
  let isSilent = false;
  const peer = await startStandIn((call) => (isSilent ? undefined : call.reply()), {
    onHealthCheck: (call) => (isSilent ? undefined : call.reply()),
  });
  const gateway = await startTestGateway({
    backendAddress: peer.address,
    env: { BREAKER_MIN_CALLS: '11', BREAKER_OPEN_MS: '60000', BREAKER_PROBE_TIMEOUT_MS: '200' },
  });
  const caller = connectCaller(gateway.address);
  try {
    // Two answers, for the facts and for the count: with nine calls without one, the volume is reached.
    expect((await caller.read()).code).toBe(0);
    isSilent = true;
    // Whose clock ends the call, the caller's or the gateway's, is a race of milliseconds: the code is the same.
    await expectAtDeadline(300, (timeoutMs) => caller.read({ timeoutMs }));
    await eventually('the circuit opens', () => gateway.logLines.some((line) => /too often/.test(line)));
    const after = await caller.read();
    expect([after.code, after.error?.reason]).toEqual([14, 'CIRCUIT_OPEN']);
  } finally {
    caller.close();
    await gateway.close();
    await peer.close();
  }
});

test.each([
  ['about its deadline is a call without an answer, and opens the circuit', '400m', 350, true],
  ['long before its deadline says nothing of the node', '20S', 20, false],
])('a call that its caller resets %s', async (_what, timeout, resetAfterMs, opens) => {
  let isSilent = false;
  const reply = (call: PeerCall): void => (isSilent ? undefined : call.reply());
  const peer = await startStandIn(reply, { onHealthCheck: reply });
  const gateway = await startTestGateway({
    backendAddress: peer.address,
    env: { BREAKER_MIN_CALLS: '8', BREAKER_OPEN_MS: '60000', BREAKER_PROBE_TIMEOUT_MS: '200' },
  });
  const caller = connectCaller(gateway.address);
  const session = openSession(gateway.address);
  try {
    expect((await caller.read()).code).toBe(0);
    isSilent = true;
    const isOpen = (): boolean => gateway.logLines.some((line) => /too often/.test(line));
    await Promise.all(Array.from({ length: 12 }, () => countAndReset(session, timeout, resetAfterMs)));
    if (opens) await eventually('the circuit opens', isOpen);
    else {
      isSilent = false;
      expect((await caller.read()).code).toBe(0);
      expect(isOpen()).toBe(false);
    }
  } finally {
    session.destroy();
    caller.close();
    await gateway.close();
    await peer.close();
  }
});

/** CountPoints with this grpc-timeout, reset so long after it was sent. */
async function countAndReset(
  session: ClientHttp2Session,
  timeout: string,
  resetAfterMs: number,
): Promise<void> {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/vectorgateway.v1.PointsService/CountPoints',
    'content-type': 'application/grpc',
    te: 'trailers',
    'x-company-id': '42',
    'grpc-timeout': timeout,
  });
  stream.on('error', () => undefined);
  stream.end(framed(Buffer.from('0a04646f6373', 'hex')));
  const closed = new Promise((resolve) => stream.on('close', resolve));
  setTimeout(() => stream.close(resetCodes.cancel), resetAfterMs);
  await closed;
}
