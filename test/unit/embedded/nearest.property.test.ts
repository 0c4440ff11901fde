import { Distance } from '@qdrant/js-client-grpc';
import fc from 'fast-check';
import { TestStore } from '../../support/embedded-store.js';
import { type Change, changesOf, type Look, looksOf } from '../../support/store-arbitraries.js';
import { idText, type ModelFilter, StoreModel } from '../../support/store-model.js';
import { StoreCollection } from '../../support/store-ops.js';

type Collection = { readonly store: StoreCollection; readonly model: StoreModel };

const codeOf = (areAll: boolean): string => (areAll ? 'OK' : 'NOT_FOUND');

/** Does it to both, and compares the answers. */
async function run(collection: Collection, step: Change | Look): Promise<void> {
  const { store, model } = collection;
  switch (step.act) {
    case 'upsert':
      model.upsert(step.points);
      return expectCode(store.upsert(step.points), 'OK');
    case 'setPayload': {
      const areAll = model.setPayload(step.ids.map(idText), step.payload);
      return expectCode(store.setPayload(step.ids, step.payload), codeOf(areAll));
    }
    case 'setVector': {
      const isThere = model.setVector(idText(step.id), step.vector);
      return expectCode(store.setVector(step.id, step.vector), codeOf(isThere));
    }
    case 'dropVector':
      model.setVector(idText(step.id), undefined);
      return expectCode(store.dropVector(step.id), 'OK');
    case 'delete':
      model.delete(step.ids.map(idText));
      return expectCode(store.delete(step.ids), 'OK');
    case 'deleteWhere':
      model.delete(model.points(step.filter).map(({ id }) => id));
      return expectCode(store.deleteWhere(step.filter), 'OK');
    case 'search': {
      const hits = (await store.search(step.query)).map(({ id, score }) => ({ id, score }));
      return expect(hits).toEqual(model.search(step.query));
    }
    case 'count':
      return expect(await store.count(step.filter)).toBe(model.points(step.filter).length);
    case 'scroll':
      return expectPages(collection, step.pageSize, step.filter);
  }
}

async function expectCode(answer: Promise<{ code: string }>, code: string): Promise<void> {
  expect((await answer).code).toBe(code);
}

async function expectPages({ store, model }: Collection, pageSize: number, filter?: ModelFilter) {
  const pages = await store.scroll(pageSize, filter);
  const shown = pages.flat().map(({ id, payload }) => ({ id, payload }));
  expect(shown).toEqual(model.points(filter).map(({ id, payload }) => ({ id, payload })));
  // Every page but the last is full.
  expect(pages.slice(0, -1).every((page) => page.length === pageSize)).toBe(true);
}

function searchForAll(size: number): Look {
  const vector = Array.from({ length: size }, (_, at) => Number(at === 0));
  return { act: 'search', query: { vector, filter: undefined, offset: 0, limit: 100, threshold: undefined } };
}

/** Steps on one of two collections, which have distances of their own. */
async function runSteps(
  store: TestStore,
  size: number,
  distances: readonly Distance[],
  steps: readonly { on: number; step: Change | Look }[],
): Promise<void> {
  const collections: Collection[] = [];
  for (const [at, distance] of distances.entries()) {
    await store.createCollection(`c${at}`, size, distance);
    collections.push({ store: new StoreCollection(store, `c${at}`), model: new StoreModel(distance) });
  }
  try {
    // A search now brings the empty vectors of one collection into memory: it then follows every change.
    await run(collections[0]!, searchForAll(size));
    for (const { on, step } of steps) await run(collections[on]!, step);
    for (const collection of collections) {
      await expectPages(collection, 3);
      await run(collection, searchForAll(size));
    }
  } finally {
    for (const { store: one } of collections) await store.deleteCollection(one.name);
  }
}

const distance = fc.constantFrom(Distance.Cosine, Distance.Dot, Distance.Euclid, Distance.Manhattan);
const MIB = 1024 * 1024;

let store: TestStore;
afterEach(() => store.close());

test.each([
  { name: 'vectors and payloads in memory', limits: {}, size: 5, numRuns: 40 },
  {
    name: 'a payload cache that holds next to nothing',
    limits: { maxPayloadCacheBytes: 100 },
    size: 17,
    numRuns: 20,
  },
  // One block beside the three reserved ones: three vectors, so that collections drive each other out or do not fit.
  { name: 'memory for three vectors', limits: { maxArenaBytes: MIB }, size: 20_000, numRuns: 12 },
])(
  'with $name, any changes and looks answer as a brute force over arrays',
  async ({ limits, size, numRuns }) => {
    store = await TestStore.start(limits);
    const step = fc.oneof(changesOf(size), looksOf(size));
    const steps = fc.array(fc.record({ on: fc.nat(1), step }), { minLength: 20, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(distance, distance), steps, (distances, some) =>
        runSteps(store, size, distances, some),
      ),
      // Looking for a smaller counterexample takes time too.
      { numRuns, interruptAfterTimeLimit: 20_000 },
    );
    expect(store.logLines.filter((line) => line.startsWith('error'))).toEqual([]);
  },
  60_000,
);
