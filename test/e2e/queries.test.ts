import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  CollectionStatus,
  GetCollectionInfoResponseSchema,
  QueryGroupsResponseSchema,
  QueryPointGroupsSchema,
  QueryPointsSchema,
  QueryResponseSchema,
  SearchBatchPointsSchema,
  SearchBatchResponseSchema,
} from '@qdrant/js-client-grpc';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { type Http2Peer, type PeerCall, startHttp2Peer } from '../support/http2-peer.js';
import { hitsOf, JsonTenant } from '../support/json-tenant.js';

// A backend whose collection has every kind of vector; the embedded store has one.
let peer: Http2Peer;
let gateway: TestGateway;
let tenant: JsonTenant;

const dense = (size: bigint, isMulti = false) => ({
  size,
  distance: 1,
  ...(isMulti ? { multivectorConfig: { comparator: 0 } } : {}),
});
const map = { text: dense(3n), late: dense(2n, true) };
const named = {
  vectorsConfig: { config: { case: 'paramsMap' as const, value: { map } } },
  sparseVectorsConfig: { map: { words: {} } },
};
const plain = { vectorsConfig: { config: { case: 'params' as const, value: dense(3n) } } };

type Params = MessageInitShape<typeof GetCollectionInfoResponseSchema>;
const described = (params: typeof named | typeof plain): Uint8Array => {
  const init: Params = { result: { status: CollectionStatus.Green, config: { params } } };
  return toBinary(GetCollectionInfoResponseSchema, create(GetCollectionInfoResponseSchema, init));
};

const id = { pointIdOptions: { case: 'num' as const, value: 1n } };
const payload = { title: { kind: { case: 'stringValue' as const, value: 'one' } } };
const point = { id, payload, score: 0.5 };

function answer(call: PeerCall): void {
  switch (call.method) {
    case 'Collections/Get':
      if (call.request.includes('none')) call.fail(5, "Not found: Collection `x` doesn't exist!");
      else call.reply(described(call.request.includes('plain') ? plain : named));
      return;
    case 'Points/Query': {
      const vectors = { text: { vector: { case: 'dense' as const, value: { data: [1, 2, 3] } } } };
      const shown = { vectorsOptions: { case: 'vectors' as const, value: { vectors } } };
      const result = [{ ...point, vectors: shown }];
      call.reply(toBinary(QueryResponseSchema, create(QueryResponseSchema, { result })));
      return;
    }
    case 'Points/SearchBatch': {
      const result = [{ result: [point] }, { result: [point] }];
      call.reply(toBinary(SearchBatchResponseSchema, create(SearchBatchResponseSchema, { result, time: 1 })));
      return;
    }
    case 'Points/QueryGroups': {
      const groups = [{ hits: [point], lookup: { id, payload } }];
      const reply = create(QueryGroupsResponseSchema, { result: { groups }, time: 1 });
      call.reply(toBinary(QueryGroupsResponseSchema, reply));
      return;
    }
    default:
      call.reply();
  }
}

beforeAll(async () => {
  peer = await startHttp2Peer({ onCall: answer });
  gateway = await startTestGateway({ backendAddress: peer.address });
  tenant = new JsonTenant(gateway.address, '42');
});
afterAll(async () => {
  tenant?.close();
  await gateway?.close();
  await peer?.close();
});
beforeEach(() => {
  peer.calls.length = 0;
});

const dataCalls = (): PeerCall[] => peer.calls.filter(({ method }) => method.startsWith('Points/'));
const sentQuery = () => fromBinary(QueryPointsSchema, dataCalls().at(-1)?.request ?? new Uint8Array());
const docs = { collection: 'named' };
const text = { dense: { data: [1, 2, 3] } };
const nearest = { query: { nearest: text }, using: 'text' };

test.each<readonly [string, object]>([
  ['a dense vector by its name', nearest],
  ['a sparse one', { query: { nearest: { sparse: { values: [1, 2], indices: [7, 3] } } }, using: 'words' }],
  ['a multivector', { query: { nearest: { multi_dense: { vectors: [{ data: [1, 2] }] } } }, using: 'late' }],
  ['a recommendation', { query: { recommend: { positive: [{ id: { num: 1 } }, text] } }, using: 'text' }],
  [
    'a discovery',
    {
      query: { discover: { target: text, context: { pairs: [{ positive: text, negative: text }] } } },
      using: 'text',
    },
  ],
  ['a context', { query: { context: { pairs: [{ positive: text, negative: text }] } }, using: 'text' }],
  [
    'an order',
    { query: { order_by: { key: 'pages', direction: 'DIRECTION_DESC', start_from: { integer: 3 } } } },
  ],
  ['a sample', { query: { sample: 'SAMPLE_RANDOM' } }],
  ['MMR', { query: { nearest_with_mmr: { nearest: text, mmr: { diversity: 0.2 } } }, using: 'text' }],
  ['a fusion', { prefetch: [nearest, { ...nearest, limit: 3 }], query: { fusion: 'FUSION_DBSF' } }],
  ['weighted ranks', { prefetch: [nearest], query: { rrf: { k: 60, weights: [1] } } }],
  ['a formula', { prefetch: [nearest], query: { formula: { expression: { variable: '$score' } } } }],
  [
    'feedback',
    {
      query: {
        relevance_feedback: {
          target: text,
          feedback: [{ example: { id: { num: 2 } }, score: 1 }],
          strategy: { naive: { a: 1, b: 1, c: 1 } },
        },
      },
      using: 'text',
    },
  ],
])('QueryPoints passes %s on', async (_what, query) => {
  expect(hitsOf(await tenant.call('QueryPoints', { ...docs, ...query }))).toHaveLength(1);
  expect(sentQuery().collectionName).toBe('company_42_named');
});

test('a limit that is not set is 10, in prefetches too', async () => {
  const inner = { ...nearest, limit: 0 };
  await tenant.call('QueryPoints', {
    ...docs,
    prefetch: [
      { prefetch: [inner], ...nearest },
      { ...nearest, limit: 7 },
    ],
    query: { fusion: 'FUSION_RRF' },
  });
  const { limit, prefetch } = sentQuery();
  expect([limit, ...prefetch.map((each) => each.limit), prefetch[0]?.prefetch[0]?.limit]).toEqual([
    10n,
    10n,
    7n,
    10n,
  ]);
});

test('vectors of a collection with names come back by their names', async () => {
  const reply = await tenant.call('QueryPoints', { ...docs, ...nearest, with_vectors: { enable: true } });
  expect(reply).toMatchObject({
    results: [{ vectors: { vectors: { vectors: { text: { dense: { data: [1, 2, 3] } } } } } }],
  });
});

test('collections that a query looks up are the tenant’s own, and must exist', async () => {
  const lookup = (collection: string) => ({
    ...docs,
    prefetch: [{ ...nearest, prefetch: [{ ...nearest, lookup_from: { collection } }] }],
    query: { fusion: 'FUSION_RRF' },
  });
  await tenant.call('QueryPoints', lookup('plain'));
  expect(sentQuery().prefetch[0]?.prefetch[0]?.lookupFrom?.collectionName).toBe('company_42_plain');
  peer.calls.length = 0;
  expect(await tenant.failure('QueryPoints', lookup('none'))).toMatchObject({
    reason: 'COLLECTION_NOT_FOUND',
  });
  const field = 'prefetch[0].prefetch[0].lookup_from.collection';
  expect(await tenant.failure('QueryPoints', lookup('../x'))).toMatchObject({
    reason: 'COLLECTION_NAME_INVALID',
    violations: [{ field }],
  });
  expect(await tenant.failure('QueryPoints', lookup(''))).toMatchObject({
    reason: 'FIELD_INVALID',
    violations: [{ field }],
  });
  expect(dataCalls()).toEqual([]);
});

const pairs = [{ positive: text }];
const formula = (expression: object) => ({ prefetch: [nearest], query: { formula: { expression } } });
test.each<readonly [object, string, string]>([
  [{ ...nearest, using: 'nope' }, 'VECTOR_NAME_UNKNOWN', 'using'],
  [{ query: nearest.query }, 'VECTOR_NAME_UNKNOWN', 'using'],
  [
    { prefetch: [{ query: nearest.query }], query: { fusion: 'FUSION_RRF' } },
    'VECTOR_NAME_UNKNOWN',
    'prefetch[0].using',
  ],
  [
    { ...nearest, query: { nearest: { dense: { data: [1] } } } },
    'VECTOR_DIMENSION_MISMATCH',
    'query.nearest.dense.data',
  ],
  [{ ...nearest, query: { nearest: { dense: {} } } }, 'VECTOR_MISSING', 'query.nearest.dense.data'],
  [
    { query: { nearest: { multi_dense: { vectors: [{ data: [1, 2] }, { data: [1] }] } } }, using: 'late' },
    'VECTOR_DIMENSION_MISMATCH',
    'query.nearest.multi_dense.vectors[1].data',
  ],
  [
    { query: { nearest: { sparse: { values: [1], indices: [1, 2] } } }, using: 'words' },
    'FIELD_INVALID',
    'query.nearest.sparse.indices',
  ],
  [
    { query: { nearest: { sparse: { values: [1, 2], indices: [5, 5] } } }, using: 'words' },
    'FIELD_INVALID',
    'query.nearest.sparse.indices[1]',
  ],
  [
    { query: { nearest: { sparse: { values: [Number.NaN], indices: [5] } } }, using: 'words' },
    'VECTOR_NOT_FINITE',
    'query.nearest.sparse.values[0]',
  ],
  [{ query: { recommend: {} }, using: 'text' }, 'FIELD_INVALID', 'query.recommend'],
  [
    { query: { recommend: { positive: [text, {}] } }, using: 'text' },
    'FIELD_INVALID',
    'query.recommend.positive[1]',
  ],
  [{ query: { context: { pairs } }, using: 'text' }, 'FIELD_INVALID', 'query.context.pairs[0].negative'],
  [{ query: { discover: { target: text } }, using: 'text' }, 'FIELD_INVALID', 'query.discover.context'],
  [{ query: { order_by: {} } }, 'FIELD_INVALID', 'query.order_by.key'],
  [{ query: { order_by: { key: 'a b' } } }, 'FIELD_INVALID', 'query.order_by.key'],
  [
    { query: { nearest_with_mmr: { nearest: text, mmr: { diversity: 2 } } }, using: 'text' },
    'LIMIT_EXCEEDED',
    'query.nearest_with_mmr.mmr.diversity',
  ],
  [{ query: { fusion: 'FUSION_RRF' } }, 'FIELD_INVALID', 'prefetch'],
  [{ prefetch: [nearest] }, 'FIELD_INVALID', 'query'],
  [
    { prefetch: [{ ...nearest, limit: 10_001 }], query: { sample: 'SAMPLE_RANDOM' } },
    'LIMIT_EXCEEDED',
    'prefetch[0].limit',
  ],
  [
    { prefetch: Array.from({ length: 65 }, () => nearest), query: { fusion: 'FUSION_RRF' } },
    'LIMIT_EXCEEDED',
    'prefetch',
  ],
  [
    { prefetch: [{ ...nearest, filter: { must: [{}] } }], query: { fusion: 'FUSION_RRF' } },
    'FILTER_INVALID',
    'prefetch[0].filter.must[0]',
  ],
  [formula({}), 'FIELD_INVALID', 'query.formula.expression'],
  [formula({ sum: { sum: [{ constant: 1 }, {}] } }), 'FIELD_INVALID', 'query.formula.expression.sum.sum[1]'],
  [
    formula({ condition: { field: { key: 'a' } } }),
    'FILTER_INVALID',
    'query.formula.expression.condition.field',
  ],
  [
    formula({ geo_distance: { origin: { lon: 181, lat: 0 }, to: 'at' } }),
    'LIMIT_EXCEEDED',
    'query.formula.expression.geo_distance.origin.lon',
  ],
  [{ ...nearest, read_consistency: { factor: 0 } }, 'FIELD_INVALID', 'read_consistency.factor'],
  [{ ...nearest, params: { hnsw_ef: 10_001 } }, 'LIMIT_EXCEEDED', 'params.hnsw_ef'],
])('QueryPoints refuses %j', async (query, reason, field) => {
  const failure = await tenant.failure('QueryPoints', { ...docs, ...query });
  expect(failure).toMatchObject({ code: 3, reason, violations: [{ field }] });
  expect(dataCalls()).toEqual([]);
});

const plainDocs = { collection: 'plain' };
const search = { vector: [1, 2, 3] };

test('SearchPointsBatch answers each search in the form that it asked for', async () => {
  const reply = await tenant.call('SearchPointsBatch', {
    ...plainDocs,
    search_points: [
      { ...search, with_payload: { enable: true } },
      { ...search, with_payload: { as_struct: true } },
    ],
  });
  expect(reply).toEqual({
    results: [
      { results: [{ id: { num: '1' }, score: 0.5, payload: { title: { stringValue: 'one' } } }] },
      { results: [{ id: { num: '1' }, score: 0.5, payloadStruct: { title: 'one' } }] },
    ],
  });
  const sent = fromBinary(SearchBatchPointsSchema, dataCalls()[0]?.request ?? new Uint8Array());
  expect(
    sent.searchPoints.map(({ collectionName, limit, vector }) => [collectionName, limit, vector]),
  ).toEqual([
    ['company_42_plain', 10n, [1, 2, 3]],
    ['company_42_plain', 10n, [1, 2, 3]],
  ]);
});

test.each<readonly [object, string, string]>([
  [{}, 'FIELD_INVALID', 'search_points'],
  [{ search_points: [search, { vector: [1] }] }, 'VECTOR_DIMENSION_MISMATCH', 'search_points[1].vector'],
  [{ search_points: [search, {}] }, 'VECTOR_MISSING', 'search_points[1].vector'],
  [{ search_points: [{ ...search, collection: 'named' }] }, 'FIELD_INVALID', 'search_points[0].collection'],
  [{ search_points: [{ ...search, limit: 10_001 }] }, 'LIMIT_EXCEEDED', 'search_points[0].limit'],
  [{ search_points: [{ ...search, with_payload: {} }] }, 'FIELD_INVALID', 'search_points[0].with_payload'],
  [{ search_points: Array.from({ length: 257 }, () => search) }, 'LIMIT_EXCEEDED', 'search_points'],
])('SearchPointsBatch refuses %j', async (request, reason, field) => {
  const failure = await tenant.failure('SearchPointsBatch', { ...plainDocs, ...request });
  expect(failure).toMatchObject({ code: 3, reason, violations: [{ field }] });
  expect(dataCalls()).toEqual([]);
});

test('QueryPointGroups looks groups up in a collection of the tenant’s', async () => {
  const asStruct = { with_payload: { as_struct: true } };
  const reply = await tenant.call('QueryPointGroups', {
    ...plainDocs,
    query: { nearest: text },
    group_by: 'author',
    ...asStruct,
    with_lookup: { collection: 'named', ...asStruct },
  });
  const struct = { payloadStruct: { title: 'one' } };
  expect(reply).toEqual({
    result: {
      groups: [
        { hits: [{ id: { num: '1' }, score: 0.5, ...struct }], lookup: { id: { num: '1' }, ...struct } },
      ],
    },
  });
  const sent = fromBinary(QueryPointGroupsSchema, dataCalls()[0]?.request ?? new Uint8Array());
  expect([sent.withLookup?.collection, sent.limit, sent.groupSize]).toEqual(['company_42_named', 10n, 3n]);
});

test.each<readonly [string, object, string]>([
  ['QueryPointGroups', { query: { nearest: text } }, 'group_by'],
  ['QueryPointGroups', { query: { nearest: text }, group_by: 'a b' }, 'group_by'],
  [
    'QueryPointGroups',
    { query: { nearest: text }, group_by: 'a', with_lookup: {} },
    'with_lookup.collection',
  ],
  [
    'QueryPointGroups',
    { query: { nearest: text }, group_by: 'a', with_lookup: { collection: 'named', with_payload: {} } },
    'with_lookup.with_payload',
  ],
  ['FacetPoints', {}, 'key'],
  ['FacetPoints', { key: 'a b' }, 'key'],
])('%s refuses %j', async (rpc, request, field) => {
  const failure = await tenant.failure(rpc, { ...plainDocs, ...request });
  expect(failure).toMatchObject({ code: 3, reason: 'FIELD_INVALID', violations: [{ field }] });
});

test('a collection with named vectors is counted and scrolled, but points are not stored in it natively', async () => {
  const stored = { ...docs, points: [{ id: { num: 1 }, vector: [1] }] };
  expect(await tenant.failure('UpsertPoints', stored)).toMatchObject({
    code: 9,
    reason: 'COLLECTION_UNSUPPORTED',
  });
  await tenant.call('CountPoints', docs);
  await tenant.call('ScrollPoints', docs);
});
