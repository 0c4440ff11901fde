import { connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { startTestGateway } from '../support/gateway.js';
import { type Http2Peer, type PeerCall, resetCodes } from '../support/http2-peer.js';
import { answer, bareCode, connectCaller, pointCalls, startStandIn } from './stand-in.js';

// Row 4: the connection, or the stream, is cut while a call is under way.
type Cut = (call: PeerCall) => void;

let node: Http2Peer;
let proxy: FaultProxy;
/** What becomes of the next call; those after it are answered. */
let cut: Cut | undefined;

beforeEach(async () => {
  node = await startStandIn((call) => {
    const how = cut ?? answer;
    cut = undefined;
    how(call);
  });
  proxy = await startFaultProxy(node.address);
});
afterEach(async () => {
  await proxy.close();
  await node.close();
});

const cuts: readonly (readonly [string, Cut])[] = [
  ['RST', () => node.cut('rst')],
  ['FIN', () => proxy.cut('fin')],
  ['GOAWAY with an error', (call) => call.session.destroy(undefined, resetCodes.internalError)],
  ['RST_STREAM', (call) => call.resetStream(resetCodes.internalError)],
  [
    'an answer that ends in the middle',
    (call) => {
      proxy.cutAfter(20);
      answer(call);
    },
  ],
];

test.each(cuts)('%s: a read is tried once more, and answered', async (_name, how) => {
  const backend = connectTestBackend({ addresses: [proxy.address] });
  try {
    cut = how;
    const context = contextOf();
    await backend.call('Points/Get', nameOf('docs'), noBody, context);
    expect(context.attempts).toBe(2);
    expect(node.calls).toHaveLength(2);
  } finally {
    await backend.close();
  }
});

test.each(cuts)('%s: a write is sent once, and its fate is called unknown', async (_name, how) => {
  const backend = connectTestBackend({ addresses: [proxy.address] });
  try {
    cut = how;
    const error = await errorOf(backend.call('Points/Upsert', nameOf('docs'), noBody, contextOf()));
    expect([error.code, error.indeterminate]).toEqual([14, true]);
    expect(node.calls).toHaveLength(1);
  } finally {
    await backend.close();
  }
});

test.each(cuts.slice(0, 3))('%s: the bare client of Qdrant calls it something else', async (_name, how) => {
  cut = how;
  // CANCELLED, which nobody asked for, or ABORTED.
  expect([1, 10]).toContain(await bareCode(proxy.address));
});

test('GOAWAY in good order lets the call end, and the next one takes a new connection', async () => {
  const backend = connectTestBackend({ addresses: [proxy.address], pool: { channelsPerNode: 1 } });
  try {
    cut = (call) => {
      call.session.close();
      setImmediate(() => answer(call));
    };
    for (let call = 0; call < 2; call += 1) {
      await backend.call('Points/Upsert', nameOf('docs'), noBody, contextOf());
    }
    expect(node.calls).toHaveLength(2);
    expect(node.connections()).toBe(2);
  } finally {
    await backend.close();
  }
});

test('a write that the node refused before it began is sent again', async () => {
  const backend = connectTestBackend({ addresses: [proxy.address] });
  try {
    cut = (call) => call.resetStream(resetCodes.refusedStream);
    await backend.call('Points/Upsert', nameOf('docs'), noBody, contextOf());
    expect(node.calls).toHaveLength(2);
  } finally {
    await backend.close();
  }
});

test('a caller of the gateway has its read answered, and is told that the fate of its write is unknown', async () => {
  const gateway = await startTestGateway({
    backendAddress: proxy.address,
    // So many cuts would open the circuit, and spend the budget of retries.
    env: { RETRY_BUDGET_PERCENT: '100', BREAKER_MIN_CALLS: '1000' },
  });
  const caller = connectCaller(gateway.address);
  try {
    for (const [, how] of cuts) {
      cut = how;
      expect((await caller.read()).code).toBe(0);
      const sent = pointCalls(node).length;
      cut = how;
      const { code, message, error } = await caller.write();
      expect([code, error?.reason]).toEqual([14, 'BACKEND_UNAVAILABLE']);
      expect(error?.info.metadata.get('indeterminate')).toBe('true');
      expect(message).not.toMatch(/127\.0\.0\.1|ECONN|RST|HTTP/);
      expect(pointCalls(node)).toHaveLength(sent + 1);
    }
  } finally {
    caller.close();
    await gateway.close();
  }
});
