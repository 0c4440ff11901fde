import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, Code, createClient, filters, type StoredPoint } from '../../src/client/index.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { serveAgain } from '../support/ingest-kill.js';

const count = 5000;
let gateway: TestGateway;
let proxy: FaultProxy;
let through: Client;

beforeAll(async () => {
  gateway = await startTestGateway();
  proxy = await startFaultProxy(gateway.address);
  through = createClient({ address: proxy.address, tenant: '42' });
  await fill(through);
});
afterAll(async () => {
  through?.close();
  await proxy?.close();
  await gateway?.close();
});

// Large enough that the whole does not wait in the buffers of a connection.
async function fill(client: Client): Promise<void> {
  await client.collections.create('docs', { vectorSize: 256, distance: 'dot' });
  const vector = new Float32Array(256).fill(1);
  const points = Array.from({ length: count }, (_, id) => ({ id, vector, payload: { even: id % 2 === 0 } }));
  await client.points('docs').upsertAll(points);
}

async function idsOf(points: AsyncIterable<StoredPoint>, onPoint?: (id: number) => void): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of points) {
    ids.push(Number(id));
    onPoint?.(Number(id));
  }
  return ids;
}

const everyId = Array.from({ length: count }, (_, id) => id);

test.each(['rst', 'fin'] as const)(
  'a connection that is cut (%s) loses and doubles no point',
  async (how) => {
    const accepted = proxy.accepts();
    const cutAt = new Set([600, 2000, 3500, count - 1]);
    const exported = through.points('docs').exportAll({ backoffMs: 10 });
    const ids = await idsOf(exported, (id) => {
      if (cutAt.has(id)) proxy.cut(how);
    });
    expect(ids).toEqual(everyId);
    expect(proxy.accepts()).toBeGreaterThan(accepted);
  },
);

test.each([10_000, 300_000, 1_500_000])(
  'nor does one that ends after %d bytes, in the middle of a message',
  async (bytes) => {
    const accepted = proxy.accepts();
    proxy.cutAfter(bytes);
    const filter = { must: [filters.match('even', true)] };
    const ids = await idsOf(through.points('docs').exportAll({ filter, backoffMs: 10 }));
    expect(ids).toEqual(everyId.filter((id) => id % 2 === 0));
    expect(proxy.accepts()).toBeGreaterThan(accepted);
  },
);

test('a gateway that is killed costs nothing either', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vector-gateway-export-'));
  let served = await serveAgain(dataDir);
  const port = served.address.split(':')[1];
  const client = createClient({ address: served.address, tenant: '42' });
  await fill(client);
  let restarted: Promise<void> | undefined;
  const ids = await idsOf(client.points('docs').exportAll(), (id) => {
    if (id !== 300) return;
    served.child.kill('SIGKILL');
    restarted = served.ended.then(async () => {
      served = await serveAgain(dataDir, port);
    });
  });
  await restarted;
  expect(ids).toEqual(everyId);
  client.close();
  served.child.kill('SIGTERM');
  await served.ended;
  rmSync(dataDir, { recursive: true, force: true });
}, 30_000);

test('a gateway that stays away is given up after so many attempts', async () => {
  const nobody = createClient({ address: '127.0.0.1:1', tenant: '42' });
  const exported = idsOf(nobody.points('docs').exportAll({ maxReconnects: 3, backoffMs: 5 }));
  await expect(exported).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  nobody.close();
});

test('what will not pass is not tried again, and a signal ends the wait', async () => {
  const missing = idsOf(through.points('none').exportAll({ backoffMs: 1_000_000, maxBackoffMs: 1_000_000 }));
  await expect(missing).rejects.toMatchObject({ reason: 'COLLECTION_NOT_FOUND' });
  const nobody = createClient({ address: '127.0.0.1:1', tenant: '42' });
  const signal = AbortSignal.timeout(100);
  const waiting = idsOf(
    nobody.points('docs').exportAll({ backoffMs: 1_000_000, maxBackoffMs: 1_000_000, signal }),
  );
  await expect(waiting).rejects.toBe(await signalReason(signal));
  nobody.close();
});

test('pages have a cursor with which a later export goes on', async () => {
  const points = through.points('docs');
  const ids: number[] = [];
  let cursor: string | undefined;
  for await (const page of points.exportPages({ withVector: false })) {
    ids.push(...page.points.map(({ id }) => Number(id)));
    cursor = page.cursor;
    if (ids.length > 1000) break;
  }
  ids.push(...(await idsOf(points.exportAll({ cursor, withVector: false }))));
  expect(ids).toEqual(everyId);
  const wrong = idsOf(points.exportAll({ cursor: 'nonsense' }));
  await expect(wrong).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT, reason: 'PAGE_TOKEN_INVALID' });
});

function signalReason(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });
}
