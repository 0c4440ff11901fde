import type { DescFile } from '@bufbuild/protobuf';
import { file_qdrant } from '@qdrant/js-client-grpc';
import { TestStore } from '../../support/embedded-store.js';

/** What src/embedded/README.md promises to serve. */
const served = new Set([
  ...['Create', 'Update', 'Delete', 'Get', 'List', 'CollectionExists'].map((name) => `Collections/${name}`),
  ...['UpdateAliases', 'ListAliases', 'ListCollectionAliases'].map((name) => `Collections/${name}`),
  ...['CreateFieldIndex', 'DeleteFieldIndex', 'Upsert', 'Delete', 'UpdateVectors', 'DeleteVectors'].map(
    (name) => `Points/${name}`,
  ),
  ...['SetPayload', 'OverwritePayload', 'DeletePayload', 'ClearPayload'].map((name) => `Points/${name}`),
  ...['Get', 'Count', 'Scroll', 'Search', 'SearchBatch', 'Query'].map((name) => `Points/${name}`),
  'Qdrant/HealthCheck',
]);

function rpcsOf(file: DescFile): string[] {
  const own = file.services.flatMap(({ name, methods }) => methods.map((method) => `${name}/${method.name}`));
  return [...own, ...file.dependencies.flatMap(rpcsOf)];
}

const rpcs = [...new Set(rpcsOf(file_qdrant))];

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store.close());

test('the official package has the RPCs that are promised, and others', () => {
  expect(rpcs).toEqual(expect.arrayContaining([...served]));
  expect(rpcs).toEqual(
    expect.arrayContaining([
      'Points/Recommend',
      'Snapshots/Create',
      'Collections/ListShardKeys',
      'Points/Facet',
    ]),
  );
});

test.each(rpcs.filter((rpc) => !served.has(rpc)))('%s answers UNIMPLEMENTED, by its name', async (rpc) => {
  const name = rpc.split('/')[1];
  expect(await store.raw(rpc, Buffer.alloc(0))).toMatchObject({
    code: 'UNIMPLEMENTED',
    message: `the embedded store does not support the RPC ${name}; set QDRANT_URL to use a Qdrant`,
  });
});

test.each([...served])('%s answers an empty request with something else', async (rpc) => {
  expect((await store.raw(rpc, Buffer.alloc(0))).code).not.toBe('UNIMPLEMENTED');
});

test('bytes that are no message are an error of that call alone', async () => {
  expect(await store.raw('Points/Search', Buffer.from([0xff]))).toMatchObject({
    code: 'INTERNAL',
    message: 'failed to decode Protobuf message',
  });
  expect((await store.raw('Qdrant/HealthCheck', Buffer.alloc(0))).code).toBe('OK');
});
