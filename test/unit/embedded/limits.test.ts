import { ScrollPointsSchema } from '@qdrant/js-client-grpc';
import { TestStore } from '../../support/embedded-store.js';
import { type NewPoint, pointsOfReply, upsertRequest } from '../../support/payload-bytes.js';
import { StoreCollection } from '../../support/store-ops.js';

const MIB = 1024 * 1024;
const SIZE = 64;

let store: TestStore;
let docs: StoreCollection;

async function start(limits: Parameters<typeof TestStore.start>[0] = {}): Promise<void> {
  store = await TestStore.start(limits);
  docs = new StoreCollection(store, 'docs');
  await store.createCollection('docs', SIZE);
}
afterEach(() => store.close());

const vector = Array.from({ length: SIZE }, (_, at) => at / 8);
const pointsFrom = (first: number, count: number): NewPoint[] =>
  Array.from({ length: count }, (_, at) => ({ id: { num: BigInt(first + at) }, vector, payload: new Map() }));

/** The store takes and shows points as if nothing had happened. */
async function expectThatItGoesOn(countBefore: number): Promise<void> {
  expect(await docs.count()).toBe(countBefore);
  expect((await docs.upsert(pointsFrom(1_000_000, 3))).code).toBe('OK');
  expect(await docs.count()).toBe(countBefore + 3);
}

test('10,000 points are one write; one more is refused, and none of them is taken', async () => {
  await start();
  expect((await docs.upsert(pointsFrom(0, 10_000))).code).toBe('OK');
  expect(await docs.upsert(pointsFrom(500_000, 10_001))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: 'more than 10000 points in one request',
  });
  const ids = pointsFrom(0, 10_001).map(({ id }) => id);
  expect(await docs.delete(ids)).toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: 'more than 10000 ids in one request',
  });
  await expectThatItGoesOn(10_000);
});

test('a reply above the limit is refused with what to do; a smaller one is given', async () => {
  await start({ maxReplyBytes: 20_000 });
  await docs.upsert(pointsFrom(0, 200));
  const scroll = (limit: number) =>
    store.answer('Points/Scroll', ScrollPointsSchema, {
      collectionName: 'docs',
      limit,
      withVectors: { selectorOptions: { case: 'enable', value: true } },
    });
  expect(await scroll(200)).toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    message: 'the reply would be larger than 20000 bytes; ask for fewer points, or without vectors',
  });
  const answer = await scroll(50);
  expect(answer.bytes.length).toBeLessThanOrEqual(20_000);
  expect(pointsOfReply(answer.bytes, 2)).toHaveLength(50);
  await expectThatItGoesOn(200);
});

test('a request above the limit is refused as Qdrant does, and changes nothing', async () => {
  await start({ maxRequestBytes: MIB });
  const points = pointsFrom(0, 4_000);
  const { length } = upsertRequest('docs', points);
  expect(length).toBeGreaterThan(MIB);
  expect(await docs.upsert(points)).toMatchObject({
    code: 'OUT_OF_RANGE',
    message: `Error, decoded message length too large: found ${length} bytes, the limit is: ${MIB} bytes`,
  });
  // Far above it the transport does not even read it.
  expect(await docs.upsert(pointsFrom(0, 12_000))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  await expectThatItGoesOn(0);
});

test('writes above what may wait for the disk are refused, each of them whole; the others are there', async () => {
  await start({ maxQueuedWriteBytes: 200_000 });
  const batches = Array.from({ length: 40 }, (_, at) => pointsFrom(at * 100, 100));
  const answers = await Promise.all(batches.map((points) => docs.upsert(points)));
  const codes = answers.map(({ code }) => code);
  expect(new Set(codes)).toEqual(new Set(['OK', 'RESOURCE_EXHAUSTED']));
  expect(answers.find(({ code }) => code !== 'OK')?.message).toBe(
    'too many writes wait for the disk; try again later',
  );
  const taken = codes.filter((code) => code === 'OK').length;
  const ids = new Set((await docs.scroll(1_000)).flat().map(({ id }) => Number(id)));
  for (const [at, points] of batches.entries()) {
    const isThere = points.map(({ id }) => ids.has(Number('num' in id && id.num)));
    expect(new Set(isThere)).toEqual(new Set([codes[at] === 'OK']));
  }
  await expectThatItGoesOn(taken * 100);
});

test('one write larger than all that may wait is taken when nothing waits', async () => {
  await start({ maxQueuedWriteBytes: 1_000 });
  expect((await docs.upsert(pointsFrom(0, 100))).code).toBe('OK');
  await expectThatItGoesOn(100);
});
