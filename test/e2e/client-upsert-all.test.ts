import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  Code,
  createClient,
  type PointInput,
  type UpsertAllProgress,
  type UpsertRejection,
} from '../../src/client/index.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { serveAgain } from '../support/ingest-kill.js';
import { startStalledPeer } from '../support/stalled-peer.js';

let gateway: TestGateway;
let client: Client;

beforeAll(async () => {
  gateway = await startTestGateway({ env: { STREAM_IDLE_MS: '1000' } });
  client = createClient({ address: gateway.address, tenant: '42' });
});
afterAll(async () => {
  client.close();
  await gateway.close();
});
beforeEach(async () => {
  await client.collections.create('docs', { vectorSize: 4, distance: 'dot' });
});
afterEach(async () => {
  await client.collections.delete('docs', { ifExists: true });
});

const vector = Float32Array.of(1, 2, 3, 4);

/** Points 0 to `count` - 1, one after the other as they are asked for. */
async function* pointsTo(count: number, onPull?: (id: number) => void): AsyncGenerator<PointInput> {
  for (let id = 0; id < count; id += 1) {
    onPull?.(id);
    yield { id, vector, payload: { n: id } };
  }
}

test('all points of a source are stored, and progress is told on the way', async () => {
  const progress: UpsertAllProgress[] = [];
  const result = await client.points('docs').upsertAll(pointsTo(5000), {
    onProgress: (event) => progress.push(event),
  });
  expect(result).toEqual({ received: 5000, upserted: 5000, rejected: 0, reconnects: 0 });
  expect(await client.points('docs').count()).toBe(5000);
  expect(progress.length).toBeGreaterThan(1);
  expect(progress.at(-1)).toEqual({ ...result, settled: 5000 });
  const settled = progress.map((event) => event.settled);
  expect(settled).toEqual([...settled].sort((a, b) => a - b));
});

test.each([
  ['a list', [{ id: 1, vector }]],
  ['a set', new Set([{ id: 1, vector }])],
])('%s is a source too', async (_what, source) => {
  const result = await client.points('docs').upsertAll(source);
  expect(result).toEqual({ received: 1, upserted: 1, rejected: 0, reconnects: 0 });
});

test('a source without points opens no stream', async () => {
  expect(await client.points('none').upsertAll([])).toMatchObject({ received: 0, upserted: 0 });
});

test('a source may use its array again for the next point', async () => {
  const shared = new Float32Array(4);
  function* source(): Generator<PointInput> {
    for (let id = 0; id < 1000; id += 1) yield { id, vector: shared.fill(id) };
  }
  await client.points('docs').upsertAll(source());
  const [stored] = await client.points('docs').get([500], { withVector: true });
  expect(stored?.vector).toEqual(Float32Array.of(500, 500, 500, 500));
});

test('refused points are told once each, whoever refuses them, and do not stop the others', async () => {
  const source = Array.from({ length: 1000 }, (_, id): PointInput => ({ id, vector }));
  source[3] = { id: 3, vector: [1, 2] };
  source[4] = { id: -4, vector };
  source[500] = { id: 'doc-17', vector };
  source[999] = { id: 999, vector: [1, 2, 3, Number.NaN] };
  const rejections: UpsertRejection[] = [];
  const result = await client.points('docs').upsertAll(source, {
    pointsPerMessage: 100,
    onRejected: (rejection) => rejections.push(rejection),
  });
  expect(result).toEqual({ received: 1000, upserted: 996, rejected: 4, reconnects: 0 });
  expect(rejections.map(({ index, id, reason }) => [index, id, reason])).toEqual([
    [3, 3n, 'VECTOR_DIMENSION_MISMATCH'],
    [4, -4, 'POINT_INVALID'],
    [500, 'doc-17', 'POINT_ID_INVALID'],
    [999, 999n, 'VECTOR_NOT_FINITE'],
  ]);
  expect(rejections[0]).toMatchObject({ code: Code.INVALID_ARGUMENT });
  expect(rejections[0]?.message).toContain('vector');
  expect(rejections[0]?.message).not.toContain('VECTOR_');
});

test('points that cannot be sent are counted also when there are no others', async () => {
  const rejections: UpsertRejection[] = [];
  const result = await client
    .points('docs')
    .upsertAll([{ id: 0.5, vector }], { onRejected: (rejection) => rejections.push(rejection) });
  expect(result).toEqual({ received: 1, upserted: 0, rejected: 1, reconnects: 0 });
  expect(rejections).toHaveLength(1);
});

test('the source is read no further than the window allows', async () => {
  const peer = await startStalledPeer();
  const stalled = createClient({ address: peer.address, tenant: '42' });
  const controller = new AbortController();
  let pulled = 0;
  const source = pointsTo(100_000, () => {
    pulled += 1;
  });
  const options = { window: 3, pointsPerMessage: 10, signal: controller.signal };
  const stored = stalled.points('docs').upsertAll(source, options);
  await peer.called();
  await sleep(100);
  expect(pulled).toBe(30);
  const cancelled = peer.cancelled();
  controller.abort(new Error('enough'));
  await expect(stored).rejects.toThrow('enough');
  await cancelled;
  stalled.close();
  peer.close();
});

test('a slow source does not hold back the points it gave, and may be silent for longer than a stream may be', async () => {
  let count = 0;
  async function* source(): AsyncGenerator<PointInput> {
    yield { id: 1, vector };
    await sleep(1500);
    count = await client.points('docs').count();
    yield { id: 2, vector };
  }
  const result = await client.points('docs').upsertAll(source());
  expect(count).toBe(1);
  expect(result).toEqual({ received: 2, upserted: 2, rejected: 0, reconnects: 0 });
});

test('what a source throws is what the call is rejected with', async () => {
  const error = new Error('the disk is gone');
  async function* source(): AsyncGenerator<PointInput> {
    yield* pointsTo(300);
    throw error;
  }
  await expect(client.points('docs').upsertAll(source())).rejects.toBe(error);
});

test('what a function of the caller throws ends the call, and the source is let go', async () => {
  const error = new Error('a mistake');
  let isLetGo = false;
  async function* source(): AsyncGenerator<PointInput> {
    try {
      yield* pointsTo(100_000);
    } finally {
      isLetGo = true;
    }
  }
  const onProgress = (): void => {
    throw error;
  };
  await expect(client.points('docs').upsertAll(source(), { onProgress })).rejects.toBe(error);
  await sleep(10);
  expect(isLetGo).toBe(true);
});

test('what will not pass is not tried again', async () => {
  const stored = client.points('none').upsertAll(pointsTo(10));
  await expect(stored).rejects.toMatchObject({ code: Code.NOT_FOUND, reason: 'COLLECTION_NOT_FOUND' });
});

test('a gateway that stays away is given up after so many attempts', async () => {
  const nobody = createClient({ address: '127.0.0.1:1', tenant: '42' });
  const progress: UpsertAllProgress[] = [];
  const stored = nobody.points('docs').upsertAll(pointsTo(10), {
    maxReconnects: 3,
    backoffMs: 5,
    onProgress: (event) => progress.push(event),
  });
  await expect(stored).rejects.toMatchObject({ name: 'VectorGatewayError', code: Code.UNAVAILABLE });
  expect(progress.map(({ reconnects }) => reconnects)).toEqual([1, 2, 3]);
  nobody.close();
});

test.each([
  ['window', { window: 0 }],
  ['pointsPerMessage', { pointsPerMessage: Number.NaN }],
  ['maxReconnects', { maxReconnects: -1 }],
])('a number with which nothing would move is refused: %s', async (name, options) => {
  await expect(client.points('docs').upsertAll([], options)).rejects.toThrow(`${name}: must be`);
});

test.each(['rst', 'fin'] as const)('a connection that is cut (%s) costs nothing', async (how) => {
  const proxy = await startFaultProxy(gateway.address);
  const through = createClient({ address: proxy.address, tenant: '42' });
  let cuts = 0;
  const rejections: number[] = [];
  const source = pointsTo(5000);
  async function* withBadPoint(): AsyncGenerator<PointInput> {
    for await (const point of source) yield point.id === 2500 ? { ...point, vector: [1] } : point;
  }
  const result = await through.points('docs').upsertAll(withBadPoint(), {
    backoffMs: 10,
    pointsPerMessage: 50,
    window: 10,
    onRejected: ({ index }) => rejections.push(index),
    onProgress: ({ settled }) => {
      if (settled < 1500 * (cuts + 1) || cuts === 3) return;
      cuts += 1;
      proxy.cut(how);
    },
  });
  expect(cuts).toBe(3);
  expect(result).toMatchObject({ received: 5000, upserted: 4999, rejected: 1 });
  expect(result.reconnects).toBeGreaterThanOrEqual(3);
  expect(rejections).toEqual([2500]);
  expect(await client.points('docs').count()).toBe(4999);
  through.close();
  await proxy.close();
});

// SIGKILL cuts the connection; SIGTERM lets the gateway ask for a reconnect.
test.each([
  ['SIGKILL', 2],
  ['SIGTERM', 1],
] as const)(
  '20,000 points arrive although the gateway gets %s, %d times',
  async (signal, wanted) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'vector-gateway-client-'));
    let served = await serveAgain(dataDir);
    const port = served.address.split(':')[1];
    const torn = createClient({ address: served.address, tenant: '42' });
    await torn.collections.create('docs', { vectorSize: 4 });
    let kills = 0;
    let restarted: Promise<void> = Promise.resolve();
    const rejections: number[] = [];
    const bad = new Set([0, 7777, 19_999]);
    async function* source(): AsyncGenerator<PointInput> {
      for await (const point of pointsTo(20_000)) {
        yield bad.has(Number(point.id)) ? { ...point, vector: [] } : point;
      }
    }
    const result = await torn.points('docs').upsertAll(source(), {
      onRejected: ({ index }) => rejections.push(index),
      onProgress: ({ settled }) => {
        // Points may be settled again before this process has read that the gateway serves.
        if (settled < 6000 * (kills + 1) || kills === wanted || served.child.killed) return;
        kills += 1;
        served.child.kill(signal);
        restarted = served.ended.then(async () => {
          served = await serveAgain(dataDir, port);
        });
      },
    });
    await restarted;
    expect(kills).toBe(wanted);
    expect(result).toMatchObject({ received: 20_000, upserted: 19_997, rejected: 3 });
    expect(result.reconnects).toBeGreaterThanOrEqual(wanted);
    expect(rejections).toEqual([...bad]);
    const ids = new Set<number>();
    for await (const { id } of torn.points('docs').exportAll()) ids.add(Number(id));
    expect(ids.size).toBe(19_997);
    torn.close();
    served.child.kill('SIGTERM');
    await served.ended;
    rmSync(dataDir, { recursive: true, force: true });
  },
  60_000,
);

test('a gateway that is frozen is noticed by a ping, and points arrive when it is back', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vector-gateway-client-'));
  const served = await serveAgain(dataDir);
  const pings = { keepaliveTimeMs: 200, keepaliveTimeoutMs: 200 };
  const watching = createClient({ address: served.address, tenant: '42', ...pings });
  await watching.collections.create('docs', { vectorSize: 4 });
  served.child.kill('SIGSTOP');
  const startedAtMs = performance.now();
  await expect(watching.points('docs').count()).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  const stored = watching.points('docs').upsertAll(pointsTo(1000));
  setTimeout(() => served.child.kill('SIGCONT'), 500);
  expect(await stored).toMatchObject({ received: 1000, upserted: 1000 });
  watching.close();
  served.child.kill('SIGTERM');
  await served.ended;
  rmSync(dataDir, { recursive: true, force: true });
}, 30_000);
