import { statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { TestStore } from '../../support/embedded-store.js';
import { eventually } from '../../support/eventually.js';
import { type NewPoint, upsertRequest } from '../../support/payload-bytes.js';
import { StoreCollection } from '../../support/store-ops.js';

const POINTS = 20_000;
const SIZE = 32;

let store: TestStore;
let docs: StoreCollection;
beforeEach(async () => {
  store = await TestStore.start();
  docs = new StoreCollection(store, 'docs');
});
afterEach(() => store.close());

const vector = Array.from({ length: SIZE }, (_, at) => at / 8);
const payload = new Map([['text', 'x'.repeat(100)]]);

/** The requests that fill the collection, made once. */
const requests = Array.from({ length: POINTS / 5_000 }, (_, part) =>
  upsertRequest(
    'docs',
    Array.from(
      { length: 5_000 },
      (_, at): NewPoint => ({ id: { num: BigInt(part * 5_000 + at) }, vector, payload }),
    ),
  ),
);

async function fill(): Promise<void> {
  await store.createCollection('docs', SIZE);
  for (const request of requests)
    expect(await store.raw('Points/Upsert', request)).toMatchObject({ code: 'OK' });
}

const fileBytes = (): number => statSync(join(store.dataDir, 'store.mdb')).size;

/** Points and vectors that the file holds, whatever the store shows of them. */
function keysOnDisk(): number {
  const root = open(join(store.dataDir, 'store.mdb'), { readOnly: true, maxDbs: 4 });
  const keys = ['points', 'vectors'].map((name) =>
    root.openDB(name, { encoding: 'binary', keyEncoding: 'binary' }).getKeysCount(),
  );
  void root.close();
  return keys.reduce((sum, count) => sum + count, 0);
}

const untilPurged = () => eventually('no point is left on disk', () => keysOnDisk() === 0, 10_000);

test('a collection of 20,000 points is gone at once, its points soon after, and their place is used again', async () => {
  await fill();
  const filled = fileBytes();
  const left: number[] = [];
  for (let round = 0; round < 5; round++) {
    expect(await store.deleteCollection('docs')).toMatchObject({ code: 'OK' });
    left.push(keysOnDisk());
    expect(await docs.upsert([{ id: { num: 1n }, vector, payload }])).toMatchObject({ code: 'NOT_FOUND' });
    await untilPurged();
    await fill();
    expect(await docs.count()).toBe(POINTS);
  }
  // The answers did not wait for the points. This thread may come late, but not every time.
  expect(Math.max(...left)).toBeGreaterThan(0);
  // Removing writes a little of its own; five more collections would be five times as much.
  expect(fileBytes()).toBeLessThan(filled * 1.5);
}, 60_000);

test('a new collection of the same name is empty while the old points are still removed', async () => {
  await fill();
  await store.deleteCollection('docs');
  await store.createCollection('docs', SIZE);
  expect(await docs.count()).toBe(0);
  const point: NewPoint = { id: { num: 7n }, vector, payload: new Map() };
  await docs.upsert([point]);
  await eventually('only the new point is left on disk', () => keysOnDisk() === 2, 10_000);
  expect((await docs.scroll(100)).flat()).toMatchObject([{ id: '7', payload: new Map() }]);
}, 30_000);

test('what a close left of a deleted collection is removed after the next start', async () => {
  let left = 0;
  // The purge may be faster than the close, but not every time.
  for (let round = 0; round < 5 && left === 0; round++) {
    await fill();
    await store.deleteCollection('docs');
    await store.restart(() => {
      left = keysOnDisk();
    });
    await untilPurged();
  }
  expect(left).toBeGreaterThan(0);
  await fill();
  expect(await docs.count()).toBe(POINTS);
}, 60_000);
