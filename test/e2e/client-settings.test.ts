import { fromBinary } from '@bufbuild/protobuf';
import {
  ClearPayloadPointsSchema,
  CreateFieldIndexCollectionSchema,
  DeleteFieldIndexCollectionSchema,
  DeletePayloadPointsSchema,
  DeletePointsSchema,
  SearchPointsSchema,
  SetPayloadPointsSchema,
  UpdateCollectionSchema,
  UpdatePointVectorsSchema,
  UpsertPointsSchema,
  WriteOrderingType,
} from '@qdrant/js-client-grpc';
import { type Client, createClient, type Points } from '../../src/client/index.js';
import { type CapturingPeer, startCapturingPeer } from '../support/capturing-peer.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

// Settings that change nothing that a caller could see: what counts is that they arrive at Qdrant.
let peer: CapturingPeer;
let gateway: TestGateway;
let client: Client;
let points: Points;

beforeAll(async () => {
  peer = await startCapturingPeer();
  gateway = await startTestGateway({ backendAddress: peer.address });
  client = createClient({ address: gateway.address, tenant: '42' });
  await client.collections.create('docs', { vectorSize: 2 });
  points = client.points('docs');
});
afterAll(async () => {
  client?.close();
  await gateway?.close();
  await peer?.close();
});

/** The last call of this kind, as Qdrant gets it. */
function last(method: string): Buffer {
  const call = peer.calls.findLast((one) => one.method === method);
  if (call === undefined) throw new Error(`there was no ${method}`);
  return call.request;
}

const point = { id: 1, vector: [1, 2] };
const one = { ids: [1] };
const strong = { ordering: 'strong', wait: false } as const;
test.each([
  [
    'upsert',
    () => points.upsert([point], strong),
    () => fromBinary(UpsertPointsSchema, last('Points/Upsert')),
  ],
  [
    'upsertPartial',
    () => points.upsertPartial([point], strong),
    () => fromBinary(UpsertPointsSchema, last('Points/Upsert')),
  ],
  [
    'updateVectors',
    () => points.updateVectors([point], strong),
    () => fromBinary(UpdatePointVectorsSchema, last('Points/UpdateVectors')),
  ],
  ['delete', () => points.delete(one, strong), () => fromBinary(DeletePointsSchema, last('Points/Delete'))],
  [
    'setPayload',
    () => points.setPayload(one, { a: 1 }, strong),
    () => fromBinary(SetPayloadPointsSchema, last('Points/SetPayload')),
  ],
  [
    'overwritePayload',
    () => points.overwritePayload(one, { a: 1 }, strong),
    () => fromBinary(SetPayloadPointsSchema, last('Points/OverwritePayload')),
  ],
  [
    'deletePayload',
    () => points.deletePayload(one, ['a'], strong),
    () => fromBinary(DeletePayloadPointsSchema, last('Points/DeletePayload')),
  ],
  [
    'clearPayload',
    () => points.clearPayload(one, strong),
    () => fromBinary(ClearPayloadPointsSchema, last('Points/ClearPayload')),
  ],
  [
    'createPayloadIndex',
    () => client.collections.createPayloadIndex('docs', 'a', 'keyword', strong),
    () => fromBinary(CreateFieldIndexCollectionSchema, last('Points/CreateFieldIndex')),
  ],
  [
    'deletePayloadIndex',
    () => client.collections.deletePayloadIndex('docs', 'a', strong),
    () => fromBinary(DeleteFieldIndexCollectionSchema, last('Points/DeleteFieldIndex')),
  ],
])('%s passes wait and ordering on', async (_name, call, arrived) => {
  peer.calls.length = 0;
  await call();
  expect(arrived()).toMatchObject({ wait: false, ordering: { type: WriteOrderingType.Strong } });
});

test('upsertAll passes the ordering on', async () => {
  await points.upsertAll([point], { ordering: 'medium' });
  expect(fromBinary(UpsertPointsSchema, last('Points/Upsert')).ordering).toMatchObject({
    type: WriteOrderingType.Medium,
  });
});

test('an ordering that does not exist is refused', async () => {
  const wrong = { ordering: 'stronk' as 'strong' };
  await expect(points.upsert([point], wrong)).rejects.toThrow(
    'ordering: must be one of weak, medium, strong',
  );
  await expect(points.upsertAll([point], wrong)).rejects.toThrow('ordering: must be one of');
});

test('settings of a search arrive', async () => {
  await points.search([1, 2], {
    hnswEf: 200,
    exact: false,
    indexedOnly: true,
    quantization: { ignore: false, rescore: true, oversampling: 2.5 },
  });
  expect(fromBinary(SearchPointsSchema, last('Points/Search')).params).toMatchObject({
    hnswEf: 200n,
    exact: false,
    indexedOnly: true,
    quantization: { ignore: false, rescore: true, oversampling: 2.5 },
  });
  await points.search([1, 2]);
  expect(fromBinary(SearchPointsSchema, last('Points/Search')).params).toBeUndefined();
});

test('settings of a collection arrive, and none that were not given', async () => {
  await client.collections.update('docs', {
    onDiskPayload: false,
    hnsw: { m: 24, efConstruct: 128, fullScanThreshold: 20_000, onDisk: true },
    optimizers: { deletedThreshold: 0.25, vacuumMinVectorNumber: 2000, indexingThreshold: 0 },
  });
  expect(fromBinary(UpdateCollectionSchema, last('Collections/Update'))).toMatchObject({
    params: { onDiskPayload: false },
    hnswConfig: { m: 24n, efConstruct: 128n, fullScanThreshold: 20_000n, onDisk: true },
    optimizersConfig: { deletedThreshold: 0.25, vacuumMinVectorNumber: 2000n, indexingThreshold: 0n },
  });
  await client.collections.update('docs', { hnsw: { m: 8 } });
  const { params, optimizersConfig } = fromBinary(UpdateCollectionSchema, last('Collections/Update'));
  expect([params, optimizersConfig]).toEqual([undefined, undefined]);
});
