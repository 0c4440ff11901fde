import {
  CreateCollectionRequest,
  CreatePayloadIndexRequest,
  DeleteCollectionRequest,
  DeletePayloadIndexRequest,
  GetCollectionRequest,
  ListCollectionsRequest,
  UpdateCollectionRequest,
} from '../../src/gen/vectorgateway/v1/collections_service.js';
import { FieldType } from '../../src/gen/vectorgateway/v1/enums.js';
import type { Filter } from '../../src/gen/vectorgateway/v1/filter.js';
import type { PointId } from '../../src/gen/vectorgateway/v1/point_id.js';
import {
  ClearPayloadRequest,
  CountPointsRequest,
  DeletePayloadRequest,
  DeletePointsRequest,
  ExportPointsRequest,
  FacetPointsRequest,
  GetPointsRequest,
  IngestPointsRequest,
  OverwritePayloadRequest,
  QueryPointGroupsRequest,
  QueryPointsRequest,
  ScrollPointsRequest,
  SearchPointsBatchRequest,
  SearchPointsRequest,
  SetPayloadRequest,
  StreamSearchPointsRequest,
  StreamUpsertPointsRequest,
  UpdateVectorsRequest,
  UpsertPointsRequest,
} from '../../src/gen/vectorgateway/v1/points_service.js';

import { qdrantRows } from './qdrant-rows.js';

/** What the isolation tests know of one RPC. */
export interface IsolationRow {
  /** The scope that a credential must have; the tests take it from others and expect a refusal. */
  readonly needs: 'read' | 'write' | 'admin';
  /** The call of Qdrant's protocol that does the work at the backend, such as "Points/Search". */
  readonly sends: string;
  /** A legitimate request for this collection of 4 dimensions, by bytes. */
  readonly request: (collection: string) => Buffer;
  /** Where a name that the tenant does not have leads. */
  readonly onMissing: 'not found' | 'is created' | 'is answered' | 'names none';
}

const id: PointId = { pointIdOptions: { $case: 'num', value: 1n } };
const uuid: PointId = { pointIdOptions: { $case: 'uuid', value: '0b2b9a4e-6c54-4b5e-9c3b-2f1d5b1f0a01' } };
const vector = [0.1, 0.2, 0.3, 0.4];
const payload = new Map([['kind', { kind: { $case: 'stringValue' as const, value: 'own' } }]]);
const filter: Filter = {
  should: [],
  must: [
    {
      conditionOneOf: {
        $case: 'field',
        value: { key: 'kind', match: { matchValue: { $case: 'keyword', value: 'own' } } },
      },
    },
  ],
  mustNot: [],
};
const byIds = { pointsSelectorOneOf: { $case: 'points' as const, value: { ids: [id] } } };
const byFilter = { pointsSelectorOneOf: { $case: 'filter' as const, value: filter } };
const whole = { selectorOptions: { $case: 'enable' as const, value: true } };

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  fromPartial(object: object): T;
}

function row<T>(
  needs: IsolationRow['needs'],
  sends: string,
  codec: Codec<T>,
  fields: object,
  onMissing: IsolationRow['onMissing'] = 'not found',
): IsolationRow {
  const request = (collection: string): Buffer =>
    Buffer.from(codec.encode(codec.fromPartial({ collection, ...fields })).finish());
  return { needs, sends, request, onMissing };
}

/** One row for every RPC, by "Service/Rpc": rows.test.ts compares the names with the descriptors. */
export const rows: Readonly<Record<string, IsolationRow>> = {
  ...qdrantRows,
  'CollectionsService/CreateCollection': row(
    'admin',
    'Collections/Create',
    CreateCollectionRequest,
    { vectorSize: 4n },
    'is created',
  ),
  'CollectionsService/GetCollection': row('read', 'Collections/Get', GetCollectionRequest, {}),
  'CollectionsService/ListCollections': row(
    'read',
    'Collections/List',
    ListCollectionsRequest,
    {},
    'names none',
  ),
  'CollectionsService/UpdateCollection': row('admin', 'Collections/Update', UpdateCollectionRequest, {
    params: { onDiskPayload: true },
  }),
  'CollectionsService/DeleteCollection': row('admin', 'Collections/Delete', DeleteCollectionRequest, {}),
  'CollectionsService/CreatePayloadIndex': row(
    'admin',
    'Points/CreateFieldIndex',
    CreatePayloadIndexRequest,
    {
      fieldName: 'kind',
      fieldType: FieldType.FIELD_TYPE_KEYWORD,
    },
  ),
  'CollectionsService/DeletePayloadIndex': row(
    'admin',
    'Points/DeleteFieldIndex',
    DeletePayloadIndexRequest,
    { fieldName: 'kind' },
  ),
  'PointsService/UpsertPoints': row('write', 'Points/Upsert', UpsertPointsRequest, {
    points: [
      { id, vector, payload },
      { id: uuid, vector, payload },
    ],
  }),
  'PointsService/StreamUpsertPoints': row('write', 'Points/Upsert', StreamUpsertPointsRequest, {
    points: [{ id, vector, payload }],
  }),
  'PointsService/IngestPoints': row('write', 'Points/Upsert', IngestPointsRequest, {
    points: [{ id, vector, payload }],
    sequence: 1n,
  }),
  'PointsService/GetPoints': row('read', 'Points/Get', GetPointsRequest, {
    ids: [id, uuid],
    withPayload: whole,
  }),
  'PointsService/DeletePoints': row('write', 'Points/Delete', DeletePointsRequest, { points: byFilter }),
  'PointsService/UpdateVectors': row('write', 'Points/UpdateVectors', UpdateVectorsRequest, {
    points: [{ id, vector }],
  }),
  'PointsService/SetPayload': row('write', 'Points/SetPayload', SetPayloadRequest, {
    payload,
    pointsSelector: byIds,
  }),
  'PointsService/OverwritePayload': row('write', 'Points/OverwritePayload', OverwritePayloadRequest, {
    payload,
    pointsSelector: byFilter,
  }),
  'PointsService/DeletePayload': row('write', 'Points/DeletePayload', DeletePayloadRequest, {
    keys: ['kind'],
    pointsSelector: byIds,
  }),
  'PointsService/ClearPayload': row('write', 'Points/ClearPayload', ClearPayloadRequest, { points: byIds }),
  'PointsService/SearchPoints': row('read', 'Points/Search', SearchPointsRequest, {
    vector,
    filter,
    withPayload: whole,
  }),
  'PointsService/QueryPoints': row('read', 'Points/Query', QueryPointsRequest, {
    query: { variant: { $case: 'nearest', value: { variant: { $case: 'id', value: id } } } },
    filter,
    withPayload: whole,
  }),
  'PointsService/SearchPointsBatch': row('read', 'Points/SearchBatch', SearchPointsBatchRequest, {
    searchPoints: [{ vector, filter, withPayload: whole }, { vector }],
  }),
  'PointsService/StreamSearchPoints': {
    needs: 'read',
    sends: 'Points/Search',
    request: (collection) =>
      Buffer.from(
        StreamSearchPointsRequest.encode({
          id: 'one',
          kind: {
            $case: 'search',
            value: SearchPointsRequest.fromPartial({ collection, vector, filter, withPayload: whole }),
          },
        }).finish(),
      ),
    onMissing: 'not found',
  },
  'PointsService/QueryPointGroups': row('read', 'Points/QueryGroups', QueryPointGroupsRequest, {
    query: { variant: { $case: 'nearest', value: { variant: { $case: 'id', value: id } } } },
    groupBy: 'kind',
    withPayload: whole,
  }),
  'PointsService/FacetPoints': row('read', 'Points/Facet', FacetPointsRequest, { key: 'kind', filter }),
  'PointsService/ScrollPoints': row('read', 'Points/Scroll', ScrollPointsRequest, {
    filter,
    withPayload: whole,
  }),
  'PointsService/ExportPoints': row('read', 'Points/Scroll', ExportPointsRequest, {
    filter,
    withPayload: whole,
  }),
  'PointsService/CountPoints': row('read', 'Points/Count', CountPointsRequest, { filter }),
};
