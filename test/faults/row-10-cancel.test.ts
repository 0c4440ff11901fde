import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { asTenant, connectClients } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { startTestGateway } from '../support/gateway.js';
import { resetCodes, startHttp2Peer } from '../support/http2-peer.js';
import { codeOf, pointCalls, startStandIn, timed } from './stand-in.js';

// Row 10: the caller gives up.
const silent = (): void => undefined;

test('the node hears of a cancel within 50 ms', async () => {
  const node = await startHttp2Peer({ onCall: silent });
  const backend = connectTestBackend({ addresses: [node.address] });
  const tookMs: number[] = [];
  try {
    for (let call = 1; call <= 10; call += 1) {
      const context = contextOf();
      const cancelled = errorOf(backend.call('Points/Get', nameOf('docs'), noBody, context));
      await node.arrived(call);
      const closed = node.calls[call - 1]?.closed ?? Promise.reject(new Error('no call'));
      context.cancel();
      const seen = await timed(closed);
      expect(seen.result).toBe(resetCodes.cancel);
      expect((await cancelled).reason).toBe('CANCELLED');
      tookMs.push(seen.tookMs);
    }
    // The median: a busy machine may be late for one.
    expect(tookMs.sort((a, b) => a - b)[5]).toBeLessThan(50);
  } finally {
    await backend.close();
    await node.close();
  }
});

test('cancelled calls are no failures, a cancelled write has an unknown fate, and none is tried again', async () => {
  const node = await startHttp2Peer({ onCall: silent });
  const backend = connectTestBackend({ addresses: [node.address], breaker: { minCalls: 5 } });
  try {
    const cancelled = Array.from({ length: 100 }, async (_, call) => {
      const context = contextOf();
      const method = call % 2 === 0 ? 'Points/Get' : 'Points/Upsert';
      const error = errorOf(backend.call(method, nameOf('docs'), noBody, context));
      await node.arrived(100);
      context.cancel();
      return { writes: method === 'Points/Upsert', error: await error };
    });
    for (const { writes, error } of await Promise.all(cancelled)) {
      expect([error.reason, error.indeterminate]).toEqual(['CANCELLED', writes]);
    }
    expect(node.calls).toHaveLength(100);
    expect(backend.changes).toEqual([]);
    expect(backend.stats()).toMatchObject({ inFlight: 0, waiting: 0 });
  } finally {
    await backend.close();
    await node.close();
  }
});

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};

test('ten thousand cancelled calls leave no timers, no listeners and no memory behind', async () => {
  const node = await startHttp2Peer({ onCall: silent });
  // Enough connections: Node's server cuts off one that resets a thousand streams in a breath.
  const backend = connectTestBackend({ addresses: [node.address], pool: { channelsPerNode: 16 } });
  const cancelMany = async (calls: number): Promise<void> => {
    for (let done = 0; done < calls; done += 100) {
      const contexts = Array.from({ length: 100 }, () => contextOf(600_000));
      const ends = contexts.map((context) =>
        errorOf(backend.call('Points/Get', nameOf('docs'), noBody, context)),
      );
      await node.arrived(100);
      node.calls.length = 0;
      for (const context of contexts) context.cancel();
      await Promise.all(ends);
      for (const { signal } of contexts) expect(getEventListeners(signal, 'abort')).toEqual([]);
    }
  };
  const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  try {
    await cancelMany(1_000);
    collectGarbage();
    const before = { timers: timers(), bytes: process.memoryUsage().heapUsed };
    await cancelMany(10_000);
    collectGarbage();
    // 500 bytes a call would be more.
    expect(process.memoryUsage().heapUsed - before.bytes).toBeLessThan(5_000_000);
    await eventually('the timers are gone', () => timers() <= before.timers);
    expect(backend.stats()).toMatchObject({ inFlight: 0, waiting: 0 });
  } finally {
    await backend.close();
    await node.close();
  }
});

test('a cancel by a caller of the gateway reaches the node, and is no failure', async () => {
  const node = await startStandIn(silent);
  const gateway = await startTestGateway({
    backendAddress: node.address,
    env: { BREAKER_MIN_CALLS: '5' },
  });
  const clients = connectClients(gateway.address);
  try {
    for (let call = 1; call <= 20; call += 1) {
      const ended = new Promise<number>((resolve) => {
        const running = clients.points.countPoints({ collection: 'docs' }, asTenant('42'), (error) =>
          resolve(error === null ? 0 : codeOf(error)),
        );
        void eventually('the call arrives', () => pointCalls(node).length === call).then(() =>
          running.cancel(),
        );
      });
      expect(await ended).toBe(1);
      expect(await pointCalls(node)[call - 1]?.closed).toBe(resetCodes.cancel);
    }
    await eventually('all calls are logged', () => logged(gateway.logLines).length === 20);
    expect(new Set(logged(gateway.logLines))).toEqual(new Set(['CANCELLED']));
    expect(gateway.logLines.filter((line) => /too often/.test(line))).toEqual([]);
  } finally {
    clients.close();
    await gateway.close();
    await node.close();
  }
});

/** The codes of the calls in a log. */
function logged(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const entry: { rpc?: string; code?: unknown } = JSON.parse(line);
    return entry.rpc?.endsWith('/CountPoints') ? [String(entry.code)] : [];
  });
}
