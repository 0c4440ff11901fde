import { Distance } from '@qdrant/js-client-grpc';
import { TestStore } from '../../support/embedded-store.js';
import type { NewPoint } from '../../support/payload-bytes.js';
import { seededRandom } from '../../support/seed.js';
import { type ModelQuery, StoreModel } from '../../support/store-model.js';
import { StoreCollection } from '../../support/store-ops.js';

const SIZE = 700;
const PART = 1_000;

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store.close());

test('searches are exact while the memory for vectors grows: at loading, and under writes between searches', async () => {
  const random = seededRandom('the vectors');
  // Whole numbers, so that the scores are exact.
  const vector = () => Array.from({ length: SIZE }, () => Math.floor(random() * 9) - 4);
  const docs = new StoreCollection(store, 'docs');
  const other = new StoreCollection(store, 'other');
  await store.createCollection('docs', SIZE, Distance.Dot);
  await store.createCollection('other', SIZE, Distance.Manhattan);
  const models = { docs: new StoreModel(Distance.Dot), other: new StoreModel(Distance.Manhattan) };
  const expectExact = async () => {
    const query: ModelQuery = {
      vector: vector(),
      filter: undefined,
      offset: 3,
      limit: 40,
      threshold: undefined,
    };
    for (const [collection, model] of [[docs, models.docs] as const, [other, models.other] as const]) {
      const hits = (await collection.search(query)).map(({ id, score }) => ({ id, score }));
      expect(hits).toEqual(model.search(query));
    }
  };
  // Each part takes more than one growth of the memory, 4 MiB with both collections in turn.
  for (let part = 0; part < 3; part++) {
    for (const [collection, model] of [[docs, models.docs] as const, [other, models.other] as const]) {
      const points = Array.from(
        { length: PART },
        (_, at): NewPoint => ({
          id: { num: BigInt(part * PART + at) },
          vector: vector(),
          payload: new Map(),
        }),
      );
      model.upsert(points);
      expect(await collection.upsert(points)).toMatchObject({ code: 'OK' });
    }
    await expectExact();
  }
  // Blocks that were given back are used again.
  const removed = Array.from({ length: 2 * PART }, (_, at) => BigInt(at)).filter((num) => num % 3n !== 0n);
  models.docs.delete(removed.map(String));
  expect(await docs.delete(removed.map((num) => ({ num })))).toMatchObject({ code: 'OK' });
  await expectExact();
}, 30_000);
