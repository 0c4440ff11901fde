import {
  CreateFieldIndexCollectionSchema,
  FieldType,
  GetCollectionInfoRequestSchema,
  GetCollectionInfoResponseSchema,
} from '@qdrant/js-client-grpc';
import { TestStore } from '../../support/embedded-store.js';
import type { NewPoint } from '../../support/payload-bytes.js';
import { seededRandom } from '../../support/seed.js';
import { StoreCollection } from '../../support/store-ops.js';

let store: TestStore;
let docs: StoreCollection;

beforeEach(async () => {
  store = await TestStore.start();
  docs = new StoreCollection(store, 'docs');
  await store.createCollection('docs', 2);
});
afterEach(() => store.close());

/** The first number of the vector and the payload say which write a point is of. */
const pointOf = (id: number, write: number): NewPoint => ({
  id: { num: BigInt(id) },
  vector: [write, 1],
  payload: new Map([['write', BigInt(write)]]),
});

const searchAll = { vector: [1, 0], filter: undefined, offset: 0, limit: 10_000, threshold: undefined };

async function counted(): Promise<{ points: number; indexed: number }> {
  const { result } = await store.call(
    'Collections/Get',
    GetCollectionInfoRequestSchema,
    GetCollectionInfoResponseSchema,
    { collectionName: 'docs' },
  );
  const indexed = result?.payloadSchema.write?.points;
  return { points: Number(result?.pointsCount), indexed: Number(indexed ?? 0n) };
}

test('writes that share a transaction see each other: counts, payloads and vectors agree', async () => {
  const random = seededRandom('the writes');
  await store.answer('Points/CreateFieldIndex', CreateFieldIndexCollectionSchema, {
    collectionName: 'docs',
    fieldName: 'write',
    fieldType: FieldType.FieldTypeInteger,
  });
  await docs.search(searchAll);
  const writes = Array.from({ length: 300 }, (_, write) => {
    const ids = Array.from({ length: 5 }, () => Math.floor(random() * 40));
    if (random() < 0.3) return docs.delete(ids.map((id) => ({ num: BigInt(id) })));
    return docs.upsert(ids.map((id) => pointOf(id, write)));
  });
  expect(new Set((await Promise.all(writes)).map(({ code }) => code))).toEqual(new Set(['OK']));
  const shown = (await docs.scroll(7)).flat();
  expect(await counted()).toEqual({ points: shown.length, indexed: shown.length });
  // With the query [1, 0] the score is the write of the vector in memory; the payload tells that on disk.
  const scores = new Map((await docs.search(searchAll)).map(({ id, score }) => [id, score]));
  expect(scores).toEqual(new Map(shown.map(({ id, payload }) => [id, Number(payload.get('write'))])));
  const before = shown;
  await store.restart();
  expect((await docs.scroll(100)).flat()).toEqual(before);
});

test('of racing creates one wins; writes to a collection that goes meanwhile are done before or NOT_FOUND', async () => {
  const creates = await Promise.all(
    Array.from({ length: 10 }, () => store.createCollection('raced', 2).then(() => 'won', String)),
  );
  expect(creates.filter((result) => result === 'won')).toHaveLength(1);
  expect(creates.filter((result) => result.includes('ALREADY_EXISTS'))).toHaveLength(9);
  const raced = new StoreCollection(store, 'raced');
  const writes = Array.from({ length: 50 }, (_, id) => raced.upsert([pointOf(id, 1)]));
  expect(await store.deleteCollection('raced')).toMatchObject({ code: 'OK' });
  for (const { code } of await Promise.all(writes)) expect(['OK', 'NOT_FOUND']).toContain(code);
  // A new collection has none of the old one's points.
  await store.createCollection('raced', 2);
  expect(await raced.count()).toBe(0);
  expect(await raced.scroll(100)).toEqual([[]]);
});

test('a search while points are deleted shows none that is half gone', async () => {
  await docs.search(searchAll);
  let isOver = false;
  const write = async () => {
    for (let round = 1; round <= 50; round++) {
      const points = Array.from({ length: 20 }, (_, id) => pointOf(id, round));
      await docs.upsert(points);
      await docs.delete(points.map(({ id }) => id));
    }
    isOver = true;
  };
  let halfGone = 0;
  let shown = 0;
  const look = async () => {
    while (!isOver) {
      const hits = await docs.search({ ...searchAll, withPayload: true });
      shown += hits.length;
      halfGone += hits.filter(({ payload }) => payload.size === 0).length;
    }
  };
  await Promise.all([write(), look(), look(), look()]);
  expect(shown).toBeGreaterThan(0);
  expect(halfGone).toBe(0);
});

test('closing finishes the writes in flight: what was answered OK is there, whole', async () => {
  const batches = Array.from({ length: 30 }, (_, at) =>
    Array.from({ length: 20 }, (_, id) => pointOf(at * 20 + id, at)),
  );
  const writes = batches.map((points) => docs.upsert(points));
  await writes[0];
  await store.restart();
  const answers = await Promise.all(writes);
  const present = new Set(
    (await docs.scroll(1_000)).flat().map(({ payload }) => Number(payload.get('write'))),
  );
  for (const [at, { code }] of answers.entries()) if (code === 'OK') expect(present).toContain(at);
  expect(await docs.count()).toBe(present.size * 20);
});
