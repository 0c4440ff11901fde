import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  ChangeAliasesSchema,
  ClearPayloadPointsSchema,
  CollectionExistsRequestSchema,
  CountPointsSchema,
  CreateCollectionSchema,
  CreateFieldIndexCollectionSchema,
  CreateVectorNameRequestSchema,
  DeleteCollectionSchema,
  DeleteFieldIndexCollectionSchema,
  DeletePayloadPointsSchema,
  DeletePointsSchema,
  DeletePointVectorsSchema,
  DeleteVectorNameRequestSchema,
  DiscoverBatchPointsSchema,
  DiscoverPointsSchema,
  FacetCountsSchema,
  GetCollectionInfoRequestSchema,
  GetPointsSchema,
  ListAliasesRequestSchema,
  ListCollectionAliasesRequestSchema,
  ListCollectionsRequestSchema,
  QueryBatchPointsSchema,
  QueryPointGroupsSchema,
  QueryPointsSchema,
  RecommendBatchPointsSchema,
  RecommendPointGroupsSchema,
  RecommendPointsSchema,
  ScrollPointsSchema,
  SearchBatchPointsSchema,
  SearchMatrixPointsSchema,
  SearchPointGroupsSchema,
  SearchPointsSchema,
  SetPayloadPointsSchema,
  UpdateBatchPointsSchema,
  UpdateCollectionSchema,
  UpdatePointVectorsSchema,
  UpsertPointsSchema,
} from '@qdrant/js-client-grpc';
import type { IsolationRow } from './rows.js';

/** `make` gives the fields beside the collection's name. */
function row<Desc extends DescMessage>(
  needs: IsolationRow['needs'],
  sends: string,
  schema: Desc,
  make: (collectionName: string) => MessageInitShape<Desc>,
  onMissing: IsolationRow['onMissing'] = 'not found',
): IsolationRow {
  const request = (collection: string): Buffer =>
    Buffer.from(toBinary(schema, create(schema, make(collection))));
  return { needs, sends, request, onMissing };
}

const id = { pointIdOptions: { case: 'num' as const, value: 1n } };
const vector = [0.1, 0.2, 0.3, 0.4];
const vectors = { vectorsOptions: { case: 'vector' as const, value: { vector: dense() } } };
const nearest = { variant: { case: 'nearest' as const, value: { variant: dense() } } };
const payload = { kind: { kind: { case: 'stringValue' as const, value: 'own' } } };
const match = { matchValue: { case: 'keyword' as const, value: 'own' } };
const filter = { must: [{ conditionOneOf: { case: 'field' as const, value: { key: 'kind', match } } }] };
const byIds = { pointsSelectorOneOf: { case: 'points' as const, value: { ids: [id] } } };
const byFilter = { pointsSelectorOneOf: { case: 'filter' as const, value: filter } };
const vectorsConfig = { config: { case: 'params' as const, value: { size: 4n, distance: 1 } } };
const target = {
  target: { case: 'single' as const, value: { example: { case: 'id' as const, value: id } } },
};

function dense() {
  return { case: 'dense' as const, value: { data: [0.1, 0.2, 0.3, 0.4] } };
}

const points: Readonly<Record<string, IsolationRow>> = {
  'Points/Upsert': row('write', 'Points/Upsert', UpsertPointsSchema, (collectionName) => ({
    collectionName,
    points: [{ id, vectors, payload }],
    updateFilter: filter,
  })),
  'Points/UpdateVectors': row(
    'write',
    'Points/UpdateVectors',
    UpdatePointVectorsSchema,
    (collectionName) => ({
      collectionName,
      points: [{ id, vectors }],
    }),
  ),
  'Points/Delete': row('write', 'Points/Delete', DeletePointsSchema, (collectionName) => ({
    collectionName,
    points: byFilter,
  })),
  'Points/Get': row('read', 'Points/Get', GetPointsSchema, (collectionName) => ({
    collectionName,
    ids: [id],
  })),
  'Points/DeleteVectors': row(
    'write',
    'Points/DeleteVectors',
    DeletePointVectorsSchema,
    (collectionName) => ({
      collectionName,
      pointsSelector: byIds,
      vectors: { names: [''] },
    }),
  ),
  'Points/SetPayload': row('write', 'Points/SetPayload', SetPayloadPointsSchema, (collectionName) => ({
    collectionName,
    payload,
    pointsSelector: byIds,
  })),
  'Points/OverwritePayload': row(
    'write',
    'Points/OverwritePayload',
    SetPayloadPointsSchema,
    (collectionName) => ({
      collectionName,
      payload,
      pointsSelector: byFilter,
    }),
  ),
  'Points/DeletePayload': row(
    'write',
    'Points/DeletePayload',
    DeletePayloadPointsSchema,
    (collectionName) => ({
      collectionName,
      keys: ['kind'],
      pointsSelector: byIds,
    }),
  ),
  'Points/ClearPayload': row('write', 'Points/ClearPayload', ClearPayloadPointsSchema, (collectionName) => ({
    collectionName,
    points: byIds,
  })),
  'Points/CreateFieldIndex': row(
    'admin',
    'Points/CreateFieldIndex',
    CreateFieldIndexCollectionSchema,
    (collectionName) => ({ collectionName, fieldName: 'kind', fieldType: 0 }),
  ),
  'Points/DeleteFieldIndex': row(
    'admin',
    'Points/DeleteFieldIndex',
    DeleteFieldIndexCollectionSchema,
    (collectionName) => ({ collectionName, fieldName: 'kind' }),
  ),
  'Points/CreateVectorName': row(
    'admin',
    'Points/CreateVectorName',
    CreateVectorNameRequestSchema,
    (collectionName) => ({
      collectionName,
      vectorName: 'extra',
      vectorConfig: { case: 'denseConfig' as const, value: { size: 4n, distance: 1 } },
    }),
  ),
  'Points/DeleteVectorName': row(
    'admin',
    'Points/DeleteVectorName',
    DeleteVectorNameRequestSchema,
    (collectionName) => ({ collectionName, vectorName: 'extra' }),
  ),
  'Points/UpdateBatch': row('write', 'Points/UpdateBatch', UpdateBatchPointsSchema, (collectionName) => ({
    collectionName,
    operations: [
      { operation: { case: 'upsert' as const, value: { points: [{ id, vectors, payload }] } } },
      { operation: { case: 'deletePoints' as const, value: { points: byFilter } } },
    ],
  })),
};

const queries: Readonly<Record<string, IsolationRow>> = {
  'Points/Search': read('Points/Search', SearchPointsSchema, (collectionName) => ({
    collectionName,
    vector,
    filter,
    limit: 3n,
  })),
  'Points/SearchBatch': read('Points/SearchBatch', SearchBatchPointsSchema, (collectionName) => ({
    collectionName,
    searchPoints: [
      { collectionName, vector, limit: 3n },
      { collectionName, vector, limit: 3n },
    ],
  })),
  'Points/SearchGroups': read('Points/SearchGroups', SearchPointGroupsSchema, (collectionName) => ({
    collectionName,
    vector,
    groupBy: 'kind',
    limit: 3,
    groupSize: 1,
    withLookup: { collection: collectionName },
  })),
  'Points/Scroll': read('Points/Scroll', ScrollPointsSchema, (collectionName) => ({
    collectionName,
    filter,
  })),
  'Points/Recommend': read('Points/Recommend', RecommendPointsSchema, (collectionName) => ({
    collectionName,
    positive: [id],
    limit: 3n,
    lookupFrom: { collectionName },
  })),
  'Points/RecommendBatch': read('Points/RecommendBatch', RecommendBatchPointsSchema, (collectionName) => ({
    collectionName,
    recommendPoints: [{ collectionName, positive: [id], limit: 3n, lookupFrom: { collectionName } }],
  })),
  'Points/RecommendGroups': read('Points/RecommendGroups', RecommendPointGroupsSchema, (collectionName) => ({
    collectionName,
    positive: [id],
    groupBy: 'kind',
    limit: 3,
    groupSize: 1,
    withLookup: { collection: collectionName },
  })),
  'Points/Discover': read('Points/Discover', DiscoverPointsSchema, (collectionName) => ({
    collectionName,
    target,
    limit: 3n,
    lookupFrom: { collectionName },
  })),
  'Points/DiscoverBatch': read('Points/DiscoverBatch', DiscoverBatchPointsSchema, (collectionName) => ({
    collectionName,
    discoverPoints: [{ collectionName, target, limit: 3n }],
  })),
  'Points/Count': read('Points/Count', CountPointsSchema, (collectionName) => ({ collectionName, filter })),
  'Points/Query': read('Points/Query', QueryPointsSchema, (collectionName) => ({
    collectionName,
    query: nearest,
    prefetch: [{ query: nearest, lookupFrom: { collectionName } }],
    lookupFrom: { collectionName },
  })),
  'Points/QueryBatch': read('Points/QueryBatch', QueryBatchPointsSchema, (collectionName) => ({
    collectionName,
    queryPoints: [{ collectionName, query: nearest }],
  })),
  'Points/QueryGroups': read('Points/QueryGroups', QueryPointGroupsSchema, (collectionName) => ({
    collectionName,
    query: nearest,
    groupBy: 'kind',
    withLookup: { collection: collectionName },
  })),
  'Points/Facet': read('Points/Facet', FacetCountsSchema, (collectionName) => ({
    collectionName,
    key: 'kind',
  })),
  'Points/SearchMatrixPairs': read(
    'Points/SearchMatrixPairs',
    SearchMatrixPointsSchema,
    (collectionName) => ({
      collectionName,
      sample: 10n,
      limit: 3n,
    }),
  ),
  'Points/SearchMatrixOffsets': read(
    'Points/SearchMatrixOffsets',
    SearchMatrixPointsSchema,
    (collectionName) => ({ collectionName, sample: 10n, limit: 3n }),
  ),
};

const collections: Readonly<Record<string, IsolationRow>> = {
  'Collections/Get': row('read', 'Collections/Get', GetCollectionInfoRequestSchema, named),
  'Collections/List': row('read', 'Collections/List', ListCollectionsRequestSchema, () => ({}), 'names none'),
  'Collections/Create': row(
    'admin',
    'Collections/Create',
    CreateCollectionSchema,
    (collectionName) => ({ collectionName, vectorsConfig }),
    'is created',
  ),
  'Collections/Update': row('admin', 'Collections/Update', UpdateCollectionSchema, (collectionName) => ({
    collectionName,
    params: { onDiskPayload: true },
  })),
  'Collections/Delete': row('admin', 'Collections/Delete', DeleteCollectionSchema, named, 'is answered'),
  'Collections/CollectionExists': row(
    'read',
    'Collections/CollectionExists',
    CollectionExistsRequestSchema,
    named,
    'is answered',
  ),
  'Collections/UpdateAliases': row(
    'admin',
    'Collections/UpdateAliases',
    ChangeAliasesSchema,
    (collectionName) => ({
      actions: [{ action: { case: 'createAlias' as const, value: { collectionName, aliasName: 'other' } } }],
    }),
  ),
  'Collections/ListAliases': row(
    'read',
    'Collections/ListAliases',
    ListAliasesRequestSchema,
    () => ({}),
    'names none',
  ),
  'Collections/ListCollectionAliases': row(
    'read',
    'Collections/ListCollectionAliases',
    ListCollectionAliasesRequestSchema,
    named,
  ),
};

function named(collectionName: string): { readonly collectionName: string } {
  return { collectionName };
}

function read<Desc extends DescMessage>(
  sends: string,
  schema: Desc,
  make: (collectionName: string) => MessageInitShape<Desc>,
): IsolationRow {
  return row('read', sends, schema, make);
}

/** RPCs of Qdrant's own services, by "Service/Rpc". */
export const qdrantRows: Readonly<Record<string, IsolationRow>> = { ...points, ...queries, ...collections };

/** RPCs that concern the node or the cluster: no tenant may make them. */
export const reservedRpcs: ReadonlySet<string> = new Set([
  'Collections/CollectionClusterInfo',
  'Collections/UpdateCollectionClusterSetup',
  'Collections/CreateShardKey',
  'Collections/DeleteShardKey',
  'Collections/ListShardKeys',
  'Snapshots/Create',
  'Snapshots/List',
  'Snapshots/Delete',
  'Snapshots/CreateFull',
  'Snapshots/ListFull',
  'Snapshots/DeleteFull',
]);
