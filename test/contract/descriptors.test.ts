import {
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescService,
  ScalarType,
} from '@bufbuild/protobuf';
import { file_qdrant } from '@qdrant/js-client-grpc';
import { publicRegistry } from '../../src/wire/public-types.js';

const qdrantFiles = withDependencies(file_qdrant);
const qdrantMessages = new Map(
  qdrantFiles.flatMap(({ messages }) => messages).map((message) => [message.typeName, message]),
);
const qdrantEnums = new Map(qdrantFiles.flatMap(({ enums }) => enums).map((each) => [each.typeName, each]));
const qdrantServices = new Map(
  qdrantFiles.flatMap(({ services }) => services).map((each) => [each.typeName, each]),
);

const ourTypes = [...publicRegistry()].filter(({ typeName }) => typeName.startsWith('vectorgateway.v1.'));
const ourMessages = ourTypes.filter((type): type is DescMessage => type.kind === 'message');
const ourEnums = ourTypes.filter((type): type is DescEnum => type.kind === 'enum');
const ourServices = ourTypes.filter((type): type is DescService => type.kind === 'service');

/** Our messages that have another name than Qdrant's. All others must have a counterpart of their own name. */
const counterparts: Readonly<Record<string, string>> = {
  Point: 'PointStruct',
  HnswConfig: 'HnswConfigDiff',
  OptimizersConfig: 'OptimizersConfigDiff',
  CollectionParams: 'CollectionParamsDiff',
  CreateCollectionRequest: 'CreateCollection',
  CreateCollectionResponse: 'CollectionOperationResponse',
  GetCollectionRequest: 'GetCollectionInfoRequest',
  UpdateCollectionRequest: 'UpdateCollection',
  UpdateCollectionResponse: 'CollectionOperationResponse',
  DeleteCollectionRequest: 'DeleteCollection',
  DeleteCollectionResponse: 'CollectionOperationResponse',
  CreatePayloadIndexRequest: 'CreateFieldIndexCollection',
  CreatePayloadIndexResponse: 'PointsOperationResponse',
  DeletePayloadIndexRequest: 'DeleteFieldIndexCollection',
  DeletePayloadIndexResponse: 'PointsOperationResponse',
  UpsertPointsRequest: 'UpsertPoints',
  UpsertPointsResponse: 'PointsOperationResponse',
  StreamUpsertPointsRequest: 'UpsertPoints',
  IngestPointsRequest: 'UpsertPoints',
  GetPointsRequest: 'GetPoints',
  GetPointsResponse: 'GetResponse',
  DeletePointsRequest: 'DeletePoints',
  DeletePointsResponse: 'PointsOperationResponse',
  UpdateVectorsRequest: 'UpdatePointVectors',
  UpdateVectorsResponse: 'PointsOperationResponse',
  SetPayloadRequest: 'SetPayloadPoints',
  SetPayloadResponse: 'PointsOperationResponse',
  OverwritePayloadRequest: 'SetPayloadPoints',
  OverwritePayloadResponse: 'PointsOperationResponse',
  DeletePayloadRequest: 'DeletePayloadPoints',
  DeletePayloadResponse: 'PointsOperationResponse',
  ClearPayloadRequest: 'ClearPayloadPoints',
  ClearPayloadResponse: 'PointsOperationResponse',
  SearchPointsRequest: 'SearchPoints',
  SearchPointsResponse: 'SearchResponse',
  SearchPointsBatchRequest: 'SearchBatchPoints',
  SearchPointsBatchResponse: 'SearchBatchResponse',
  QueryPointGroupsRequest: 'QueryPointGroups',
  QueryPointGroupsResponse: 'QueryGroupsResponse',
  FacetPointsRequest: 'FacetCounts',
  FacetPointsResponse: 'FacetResponse',
  QueryPointsRequest: 'QueryPoints',
  QueryPointsResponse: 'QueryResponse',
  ScrollPointsRequest: 'ScrollPoints',
  ScrollPointsResponse: 'ScrollResponse',
  ExportPointsRequest: 'ScrollPoints',
  ExportPointsResponse: 'UpsertPoints',
  CountPointsRequest: 'CountPoints',
  CountPointsResponse: 'CountResponse',
};

/** Messages that Qdrant has nothing like: they never reach it, and their numbers are ours to choose. */
const ownMessages = new Set([
  'Collection',
  'PayloadIndex',
  'GetCollectionResponse',
  'StreamUpsertPointsResponse',
  'IngestPointsResponse',
  'StreamSearchPointsRequest',
  'StreamSearchPointsResponse',
  'IngestRejection',
  'IngestHints',
  'PointRejection',
  'UpsertSummary',
  'IndexRange',
]);

/** Fields that we call otherwise. */
const renamedFields: Readonly<Record<string, string>> = {
  'SearchPointsResponse.results': 'result',
  'SearchPointsBatchResponse.results': 'result',
  'BatchResult.results': 'result',
  'QueryPointsResponse.results': 'result',
  'GetPointsResponse.points': 'result',
  'ScrollPointsResponse.points': 'result',
  'CollectionDescription.collection': 'name',
  'WithLookup.collection': 'collection',
};

/** Own fields below 1001: on numbers that Qdrant reserves or has as other things, each for a reason in DESIGN. */
const ownNumbers: Readonly<Record<string, string>> = {
  'Point.vector': 'reserved in PointStruct',
  'CreateCollectionRequest.vector_size': 'the request is built anew from it',
  'CreateCollectionRequest.distance': 'the request is built anew from it',
};

describe('our messages', () => {
  it('are Qdrant’s or our own, and no list is out of date', () => {
    const names = new Set(ourMessages.map(({ name }) => name));
    for (const name of [...Object.keys(counterparts), ...ownMessages]) expect(names).toContain(name);
    for (const { name } of ourMessages) {
      if (!ownMessages.has(name))
        expect([name, qdrantMessages.has(`qdrant.${counterparts[name] ?? name}`)]).toEqual([name, true]);
    }
  });

  const mirrored = ourMessages.filter(({ name }) => !ownMessages.has(name));
  it.each(mirrored.map((message) => [message.name, message] as const))(
    '%s has Qdrant’s numbers and types',
    (name, message) => {
      const official = qdrantMessages.get(`qdrant.${counterparts[name] ?? name}`);
      for (const field of message.fields) {
        const key = `${name}.${field.name}`;
        const theirs = official?.fields.find(({ number }) => number === field.number);
        if (field.number >= 1001 || key in ownNumbers) {
          if (field.number >= 1001) expect([key, theirs]).toEqual([key, undefined]);
          continue;
        }
        expect([key, theirs && shapeOf(theirs)]).toEqual([key, shapeOf(field)]);
        expect([key, theirs?.name]).toEqual([key, officialName(field)]);
      }
    },
  );
});

describe('our enums', () => {
  it.each(ourEnums.map((each) => [each.name, each] as const))('%s has Qdrant’s numbers', (name, ours) => {
    const theirs = qdrantEnums.get(`qdrant.${name}`);
    for (const value of ours.values) {
      const short = value.localName.replaceAll('_', '').toLowerCase();
      // Our zero that means "not given", and the one null.
      if (short === 'unspecified' || name === 'NullValue') continue;
      const match = theirs?.values
        .find(({ number }) => number === value.number)
        ?.name.replaceAll('_', '')
        .toLowerCase();
      expect([value.name, match?.endsWith(short)]).toEqual([value.name, true]);
    }
  });
});

describe('our RPCs', () => {
  /** Qdrant's method behind each of ours. */
  const methods: Readonly<Record<string, string>> = {
    CreateCollection: 'Collections/Create',
    GetCollection: 'Collections/Get',
    ListCollections: 'Collections/List',
    UpdateCollection: 'Collections/Update',
    DeleteCollection: 'Collections/Delete',
    CreatePayloadIndex: 'Points/CreateFieldIndex',
    DeletePayloadIndex: 'Points/DeleteFieldIndex',
    UpsertPoints: 'Points/Upsert',
    GetPoints: 'Points/Get',
    DeletePoints: 'Points/Delete',
    UpdateVectors: 'Points/UpdateVectors',
    SetPayload: 'Points/SetPayload',
    OverwritePayload: 'Points/OverwritePayload',
    DeletePayload: 'Points/DeletePayload',
    ClearPayload: 'Points/ClearPayload',
    SearchPoints: 'Points/Search',
    SearchPointsBatch: 'Points/SearchBatch',
    QueryPoints: 'Points/Query',
    QueryPointGroups: 'Points/QueryGroups',
    FacetPoints: 'Points/Facet',
    ScrollPoints: 'Points/Scroll',
    CountPoints: 'Points/Count',
  };
  const unary = ourServices
    .flatMap((service) => service.methods)
    .filter(({ methodKind }) => methodKind === 'unary');

  it.each(unary.map((method) => [method.name, method] as const))(
    '%s stands for a method of Qdrant, whose messages it mirrors',
    (name, method) => {
      const [service = '', official = ''] = (methods[name] ?? '').split('/');
      const theirs = qdrantServices.get(`qdrant.${service}`)?.methods.find((each) => each.name === official);
      expect([name, theirs?.methodKind]).toEqual([name, 'unary']);
      for (const [ours, other] of [
        [method.input, theirs?.input],
        [method.output, theirs?.output],
      ] as const) {
        if (!ownMessages.has(ours.name)) expect(other?.name).toBe(counterparts[ours.name] ?? ours.name);
      }
    },
  );
});

function withDependencies(file: DescFile): DescFile[] {
  return [file, ...file.dependencies.flatMap(withDependencies)];
}

/** All that decides how a field is written. */
function shapeOf(field: DescField) {
  const type = field.message?.name ?? field.enum?.name ?? ScalarType[field.scalar ?? 0];
  const short = field.fieldKind === 'map' ? `map<${ScalarType[field.mapKey]}, ${type}>` : type;
  return {
    kind: field.fieldKind,
    type: counterparts[short ?? ''] ?? short,
    oneof: field.oneof?.name,
    packed: field.fieldKind === 'list' && field.packed,
    optional:
      field.fieldKind !== 'list' &&
      field.fieldKind !== 'map' &&
      field.message === undefined &&
      field.presence !== 2,
  };
}

function officialName(field: DescField): string {
  const renamed = renamedFields[`${field.parent.name}.${field.name}`];
  return renamed ?? (field.name === 'collection' ? 'collection_name' : field.name);
}
