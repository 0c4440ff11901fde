import {
  type Client,
  Code,
  createClient,
  filters,
  type PointInput,
  type Points,
} from '../../src/client/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let client: Client;
let points: Points;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = createClient({ address: gateway.address, tenant: '42' });
});
afterAll(async () => {
  client?.close();
  await gateway?.close();
});
beforeEach(async () => {
  await client.collections.create('docs', { vectorSize: 2, distance: 'dot', hnsw: { m: 32 } });
  points = client.points('docs');
  await points.upsert(
    [1, 2, 3].map((id) => ({ id, vector: [id, 0], payload: { n: id, o: { a: 1, b: 2 } } })),
  );
});
afterEach(async () => {
  await client.collections.delete('docs', { ifExists: true });
});

async function payloadOf(id: number): Promise<unknown> {
  const [point] = await points.get([id]);
  return point?.payload;
}

const second = { filter: { must: [filters.match('n', 2)] } };
const ofSecond = { n: 2, o: { a: 1, b: 2 } };

test('overwritePayload replaces all of it, by ids or by filter', async () => {
  await points.overwritePayload({ ids: [1] }, { x: 1 });
  await points.overwritePayload(second, { y: [2] });
  expect(await Promise.all([1, 2, 3].map(payloadOf))).toEqual([
    { x: 1 },
    { y: [2] },
    { n: 3, o: { a: 1, b: 2 } },
  ]);
});

test('deletePayload removes keys, which may be paths', async () => {
  await points.deletePayload({ ids: [1] }, ['n', 'o.a']);
  await points.deletePayload({ filter: { must: [filters.match('n', 3)] } }, ['o']);
  expect(await Promise.all([1, 2, 3].map(payloadOf))).toEqual([{ o: { b: 2 } }, ofSecond, { n: 3 }]);
});

test('clearPayload removes all of it', async () => {
  await points.clearPayload({ ids: [1, 3] });
  expect(await Promise.all([1, 2, 3].map(payloadOf))).toEqual([{}, ofSecond, {}]);
  await points.clearPayload(second);
  expect(await payloadOf(2)).toEqual({});
});

test('a selection of nothing is refused by each of them', async () => {
  const nothing = {} as { ids: [] };
  for (const call of [
    () => points.overwritePayload(nothing, {}),
    () => points.deletePayload(nothing, ['n']),
    () => points.clearPayload(nothing),
  ]) {
    await expect(call()).rejects.toThrow('either ids or a filter');
  }
  expect(await payloadOf(1)).toEqual({ n: 1, o: { a: 1, b: 2 } });
});

test('updateVectors replaces vectors and keeps payloads', async () => {
  await points.updateVectors([
    { id: 1, vector: Float32Array.of(7, 8) },
    { id: 2n, vector: [0.5, -1] },
  ]);
  expect(await points.get([1, 2], { withVector: true })).toEqual([
    { id: 1n, vector: Float32Array.of(7, 8), payload: { n: 1, o: { a: 1, b: 2 } } },
    { id: 2n, vector: Float32Array.of(0.5, -1), payload: ofSecond },
  ]);
});

test('updateVectors names what is wrong, and the point that does not exist', async () => {
  const short = points.updateVectors([{ id: 1, vector: [1] }]);
  await expect(short).rejects.toMatchObject({ reason: 'VECTOR_DIMENSION_MISMATCH' });
  const wrong = points.updateVectors([{ id: -1, vector: [1, 2] }]);
  await expect(wrong).rejects.toThrow(/^points\[0\]\.id: /);
  const missing = points.updateVectors([{ id: 99, vector: [1, 2] }]);
  await expect(missing).rejects.toMatchObject({ code: Code.NOT_FOUND, reason: 'POINT_NOT_FOUND' });
});

test('upsertPartial stores the good points and tells the others, whoever refuses them', async () => {
  const given: PointInput[] = [10, 11, 12, 13, 14].map((id) => ({ id, vector: [id, 0] }));
  given[0] = { id: 0.5, vector: [1, 2] };
  given[2] = { id: 12, vector: [1, 2, 3] };
  given[3] = { id: 'doc-13', vector: [1, 2] };
  expect(await points.upsertPartial(given)).toEqual({
    upserted: 2,
    rejected: 3,
    rejections: [
      {
        index: 0,
        id: 0.5,
        reason: 'POINT_INVALID',
        message: expect.stringContaining('id: 0.5 is not an integer'),
      },
      {
        index: 2,
        id: 12n,
        reason: 'VECTOR_DIMENSION_MISMATCH',
        message: expect.stringMatching(/^vector: has 3/),
      },
      { index: 3, id: 'doc-13', reason: 'POINT_ID_INVALID', message: expect.stringMatching(/^id/) },
    ],
  });
  expect((await points.get([11, 12, 14])).map(({ id }) => id)).toEqual([11n, 14n]);
  expect(await points.upsertPartial([{ id: 20, vector: [1, 2] }], { wait: false })).toEqual({
    upserted: 1,
    rejected: 0,
    rejections: [],
  });
});

test('upsertPartial rejects when there is nothing that it could store', async () => {
  await expect(points.upsertPartial([{ id: -1, vector: [1, 2] }])).rejects.toThrow(/^points\[0\]\.id: /);
  const refused = points.upsertPartial([{ id: 1, vector: [1] }]);
  await expect(refused).rejects.toMatchObject({ reason: 'VECTOR_DIMENSION_MISMATCH' });
  await expect(points.upsertPartial([])).rejects.toMatchObject({ violations: [{ field: 'points' }] });
});

test('searchMany gives for each vector what search gives', async () => {
  const vectors = Array.from({ length: 30 }, (_, index) => Float32Array.of(Math.cos(index), Math.sin(index)));
  const found = await points.searchMany(vectors, { limit: 2, concurrency: 4 });
  expect(found).toEqual(await Promise.all(vectors.map((vector) => points.search(vector, { limit: 2 }))));
  expect(await points.searchMany([])).toEqual([]);
});

test('searchMany fails as its first failing search, and ends with its signal', async () => {
  const vectors = [[1, 2], [1], [1, 2]];
  await expect(points.searchMany(vectors)).rejects.toMatchObject({ reason: 'VECTOR_DIMENSION_MISMATCH' });
  const reason = new Error('no longer wanted');
  await expect(points.searchMany(vectors, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await expect(points.searchMany(vectors, { concurrency: 0 })).rejects.toThrow('concurrency: must be');
});

test('all of a payload but some fields', async () => {
  const [point] = await points.get([1], { withPayload: { except: ['o.a'] } });
  expect(point?.payload).toEqual({ n: 1, o: { b: 2 } });
});

test('settings of a collection are changed, and what is stored stays', async () => {
  const info = await client.collections.update('docs', {
    onDiskPayload: true,
    hnsw: { m: 24, efConstruct: 128, fullScanThreshold: 20_000, onDisk: true },
    optimizers: { deletedThreshold: 0.3, vacuumMinVectorNumber: 2000, indexingThreshold: 30_000 },
  });
  expect(info).toMatchObject({ name: 'docs', vectorSize: 2, pointsCount: 3 });
  const fraction = client.collections.update('docs', { hnsw: { m: 1.5 } });
  await expect(fraction).rejects.toThrow('hnsw.m: must be an integer from 0, not 1.5');
  const missing = client.collections.update('none', { onDiskPayload: true });
  await expect(missing).rejects.toMatchObject({ reason: 'COLLECTION_NOT_FOUND' });
});
