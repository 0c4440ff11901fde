import { clone, create } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { CollectionsServiceService } from '../../src/gen/vectorgateway/v1/collections_service.js';
import { PointsServiceService } from '../../src/gen/vectorgateway/v1/points_service.js';
import { reservedRpcs } from './qdrant-rows.js';
import { rows } from './rows.js';
import { publicRpcs, servedDescriptors, withoutRow } from './rpcs.js';

test('every RPC of every public service has a row', () => {
  expect(withoutRow(publicRpcs())).toEqual([]);
});

test('every row is of an RPC', () => {
  expect(
    publicRpcs()
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...Object.keys(rows), ...reservedRpcs].sort());
});

// What the generated stubs would serve is what the descriptors say: neither list can hide an RPC from the other.
test('no RPC has a row and is refused', () => {
  expect(Object.keys(rows).filter((name) => reservedRpcs.has(name))).toEqual([]);
});

test('the descriptors and the generated services name the same RPCs', () => {
  const generated = [CollectionsServiceService, PointsServiceService].flatMap((service) =>
    Object.values(service).map(({ path }) => path),
  );
  expect(
    publicRpcs()
      .map(({ path }) => path)
      .filter((path) => !path.startsWith('/qdrant.'))
      .sort(),
  ).toEqual(generated.sort());
});

test('an RPC that is added without a row is found', () => {
  const set = clone(FileDescriptorSetSchema, servedDescriptors());
  const services = set.file.flatMap(({ service }) => service);
  const points = services.find(({ name }) => name === 'PointsService');
  points?.method.push(
    create(MethodDescriptorProtoSchema, {
      name: 'RecommendPoints',
      inputType: '.vectorgateway.v1.SearchPointsRequest',
      outputType: '.vectorgateway.v1.SearchPointsResponse',
    }),
  );
  expect(withoutRow(publicRpcs(set))).toEqual(['PointsService/RecommendPoints']);
});

test('a service that is added without rows is found', () => {
  const set = clone(FileDescriptorSetSchema, servedDescriptors());
  const file = set.file.find(({ service }) => service.some(({ name }) => name === 'PointsService'));
  const points = file?.service[0];
  if (points === undefined) throw new Error('no service in the descriptors');
  file?.service.push({ ...points, name: 'TenantsService', method: points.method.slice(0, 1) });
  expect(withoutRow(publicRpcs(set))).toEqual(['TenantsService/UpsertPoints']);
});
