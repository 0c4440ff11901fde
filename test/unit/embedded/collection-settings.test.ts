import {
  ChangeAliasesSchema,
  CreateCollectionSchema,
  Distance,
  GetCollectionInfoRequestSchema,
  GetCollectionInfoResponseSchema,
  ListAliasesRequestSchema,
  ListAliasesResponseSchema,
  UpdateCollectionSchema,
} from '@qdrant/js-client-grpc';
import { TestStore } from '../../support/embedded-store.js';
import { StoreCollection } from '../../support/store-ops.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store.close());

const text = (value: string) => ({ kind: { case: 'stringValue' as const, value } });

async function infoOf(collectionName: string) {
  const reply = await store.call(
    'Collections/Get',
    GetCollectionInfoRequestSchema,
    GetCollectionInfoResponseSchema,
    { collectionName },
  );
  return reply.result;
}

async function createSettled(collectionName: string): Promise<void> {
  const answer = await store.answer('Collections/Create', CreateCollectionSchema, {
    collectionName,
    vectorsConfig: { config: { case: 'params', value: { size: 2n, distance: Distance.Euclid } } },
    hnswConfig: { m: 32n, onDisk: true },
    optimizersConfig: { deletedThreshold: 0.5, flushIntervalSec: 7n },
    walConfig: { walCapacityMb: 8n },
    onDiskPayload: false,
    replicationFactor: 2,
    metadata: { owner: text('a'), note: text('b') },
  });
  expect(answer).toMatchObject({ code: 'OK' });
}

test('an update changes what it names and keeps everything else, vectors and points included', async () => {
  await createSettled('kept');
  const docs = new StoreCollection(store, 'kept');
  await docs.upsert([{ id: { num: 1n }, vector: [3, 4], payload: new Map() }]);
  const update = {
    collectionName: 'kept',
    hnswConfig: { efConstruct: 200n },
    optimizersConfig: { flushIntervalSec: 9n },
    params: { writeConsistencyFactor: 2 },
  };
  expect(await store.answer('Collections/Update', UpdateCollectionSchema, update)).toMatchObject({
    code: 'OK',
  });
  await store.restart();
  const info = await infoOf('kept');
  expect(info?.pointsCount).toBe(1n);
  expect(info?.config).toMatchObject({
    hnswConfig: { m: 32n, efConstruct: 200n, onDisk: true, fullScanThreshold: 10_000n },
    optimizerConfig: { deletedThreshold: 0.5, flushIntervalSec: 9n },
    walConfig: { walCapacityMb: 8n },
    params: { onDiskPayload: false, replicationFactor: 2, writeConsistencyFactor: 2 },
    metadata: { owner: text('a'), note: text('b') },
  });
  expect(info?.config?.params?.vectorsConfig?.config).toMatchObject({
    case: 'params',
    value: { size: 2n, distance: Distance.Euclid },
  });
  const query = { vector: [0, 0], filter: undefined, offset: 0, limit: 5, threshold: undefined };
  expect(await docs.search(query)).toMatchObject([{ id: '1', score: 5 }]);
});

test('metadata of an update is merged into what was there', async () => {
  await createSettled('merged');
  const metadata = { note: text('new'), more: text('c') };
  const update = { collectionName: 'merged', metadata };
  expect(await store.answer('Collections/Update', UpdateCollectionSchema, update)).toMatchObject({
    code: 'OK',
  });
  const config = (await infoOf('merged'))?.config;
  expect(config?.metadata).toMatchObject({ owner: text('a'), note: text('new'), more: text('c') });
});

const aliases = async (): Promise<string[]> => {
  const reply = await store.call(
    'Collections/ListAliases',
    ListAliasesRequestSchema,
    ListAliasesResponseSchema,
    {},
  );
  return reply.aliases.map(({ aliasName }) => aliasName);
};

test('an alias too long for a key on disk is refused, and nothing of its request that follows is done', async () => {
  await createSettled('named');
  const alias = (aliasName: string) => ({
    action: { case: 'createAlias' as const, value: { aliasName, collectionName: 'named' } },
  });
  const actions = [alias('before'), alias('x'.repeat(5_000)), alias('behind')];
  const answer = await store.answer('Collections/UpdateAliases', ChangeAliasesSchema, { actions });
  expect(answer).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('alias_name') });
  // One action after another, as in Qdrant.
  expect(await aliases()).toEqual(['before']);
});
