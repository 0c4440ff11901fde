import { status } from '@grpc/grpc-js';
import { Direction, Distance, FieldType, Fusion, type QdrantClient } from '@qdrant/js-client-grpc';
import type { Step } from './steps.js';

const plain = 'scenario-plain';
const many = 'scenario-many';
const other = 'scenario-other';

/** What users do with the official JS client; nothing in it knows whether a gateway is in between. */
export async function runJsScenario(client: QdrantClient): Promise<Step[]> {
  const steps: Step[] = [];
  const step = async (name: string, call: () => Promise<unknown>): Promise<void> => {
    try {
      steps.push({ step: name, reply: await call() });
    } catch (error) {
      // An error of the client carries the number of the gRPC code; texts are the server's own.
      const { code } = error as { code?: number };
      if (code === undefined) throw error;
      steps.push({ step: name, code: status[code] ?? String(code) });
    }
  };
  const parts = [prepare, write, read, search, query, groups, payloads, manyVectors, aliases, faults, remove];
  for (const part of parts) await part(client, step);
  return steps;
}

type Part = (
  client: QdrantClient,
  step: (name: string, call: () => Promise<unknown>) => Promise<void>,
) => Promise<void>;

const num = (value: number) => ({ pointIdOptions: { case: 'num' as const, value: BigInt(value) } });
const uuid = (value: string) => ({ pointIdOptions: { case: 'uuid' as const, value } });
const dense = (data: number[]) => ({ case: 'dense' as const, value: { data } });
const vectors = (data: number[]) => ({
  vectorsOptions: { case: 'vector' as const, value: { vector: dense(data) } },
});
const nearest = (data: number[]) => ({
  variant: { case: 'nearest' as const, value: { variant: dense(data) } },
});
const text = (value: string) => ({ kind: { case: 'stringValue' as const, value } });
const whole = (value: number) => ({ kind: { case: 'integerValue' as const, value: BigInt(value) } });
const everything = { selectorOptions: { case: 'enable' as const, value: true } };
const params = (size: number, distance: Distance) => ({ size: BigInt(size), distance });
const byIds = (...ids: number[]) => ({
  pointsSelectorOneOf: { case: 'points' as const, value: { ids: ids.map(num) } },
});
const withKind = (keyword: string) => ({
  must: [
    {
      conditionOneOf: {
        case: 'field' as const,
        value: { key: 'kind', match: { matchValue: { case: 'keyword' as const, value: keyword } } },
      },
    },
  ],
});
const points = [
  [0.9, 0.1, 0, 0],
  [0.1, 0.8, 0.2, 0],
  [0, 0.1, 0.7, 0.1],
  [0.5, 0.5, 0.3, 0.1],
  [0.2, 0.1, 0.1, 0.6],
  [0.7, 0.3, 0.3, 0.2],
].map((data, index) => ({
  id: num(index + 1),
  vectors: vectors(data),
  payload: { kind: text(index % 2 === 0 ? 'even' : 'odd'), n: whole(index * 10) },
}));
const origin = [1, 0.5, 0.25, 0];

const prepare: Part = async (client, step) => {
  const collections = client.api('collections');
  const vectorsConfig = { config: { case: 'params' as const, value: params(4, Distance.Dot) } };
  await step('create', () => collections.create({ collectionName: plain, vectorsConfig }));
  await step('create one that exists', () => collections.create({ collectionName: plain, vectorsConfig }));
  await step('create another', () => collections.create({ collectionName: other, vectorsConfig }));
  await step('exists', () => collections.collectionExists({ collectionName: plain }));
  await step('exists, missing', () => collections.collectionExists({ collectionName: 'scenario-none' }));
  await step('list', async () => namesIn(await collections.list({})));
  await step('update', () =>
    collections.update({ collectionName: plain, optimizersConfig: { indexingThreshold: 20_000n } }),
  );
  await step('get', async () => {
    const { result } = await collections.get({ collectionName: plain });
    return { status: result?.status, points: result?.pointsCount, params: result?.config?.params };
  });
  await step('get, missing', () => collections.get({ collectionName: 'scenario-none' }));
  const index = { collectionName: plain, wait: true };
  const fields = client.api('points');
  await step('index a keyword', () =>
    fields.createFieldIndex({ ...index, fieldName: 'kind', fieldType: FieldType.FieldTypeKeyword }),
  );
  await step('index a number', () =>
    fields.createFieldIndex({ ...index, fieldName: 'n', fieldType: FieldType.FieldTypeInteger }),
  );
};

/** The names of the scenario's own collections: a Qdrant that is asked directly may have others. */
function namesIn({ collections }: { readonly collections: readonly { readonly name: string }[] }): string[] {
  return collections
    .map(({ name }) => name)
    .filter((name) => name.startsWith('scenario-'))
    .sort();
}

const write: Part = async (client, step) => {
  const api = client.api('points');
  const into = { collectionName: plain, wait: true };
  await step('upsert', () => api.upsert({ ...into, points }));
  await step('upsert a uuid', () =>
    api.upsert({
      ...into,
      points: [{ id: uuid('5f0c1d2e-8a3b-4c5d-9e6f-7a8b9c0d1e2f'), vectors: vectors([0, 0, 0, 1]) }],
    }),
  );
  await step('upsert into the other', () =>
    api.upsert({ collectionName: other, wait: true, points: points.slice(0, 2) }),
  );
  await step('update vectors', () =>
    api.updateVectors({ ...into, points: [{ id: num(3), vectors: vectors([0, 0.2, 0.9, 0]) }] }),
  );
};

const read: Part = async (client, step) => {
  const api = client.api('points');
  const from = { collectionName: plain, withPayload: everything, withVectors: everything };
  await step('get points', () => api.get({ ...from, ids: [num(1), num(3), num(99)] }));
  await step('scroll', () => api.scroll({ ...from, limit: 3 }));
  await step('scroll with a filter', () => api.scroll({ ...from, filter: withKind('odd') }));
  await step('scroll in order', () =>
    api.scroll({ ...from, limit: 4, orderBy: { key: 'n', direction: Direction.Desc } }),
  );
  await step('count', () => api.count({ collectionName: plain, exact: true }));
  await step('count with a filter', () =>
    api.count({ collectionName: plain, exact: true, filter: withKind('even') }),
  );
  await step('facet', () => api.facet({ collectionName: plain, key: 'kind', exact: true }));
};

const search: Part = async (client, step) => {
  const api = client.api('points');
  const from = { collectionName: plain, vector: origin, limit: 3n };
  await step('search', () => api.search({ ...from, withPayload: everything }));
  await step('search with a filter', () => api.search({ ...from, filter: withKind('odd') }));
  await step('search above a score', () => api.search({ ...from, scoreThreshold: 0.75 }));
  await step('search, batch', () =>
    api.searchBatch({ collectionName: plain, searchPoints: [from, { ...from, vector: [0, 1, 0, 0] }] }),
  );
  const like = { collectionName: plain, positive: [num(1)], negative: [num(5)], limit: 3n };
  await step('recommend', () => api.recommend(like));
  await step('recommend, batch', () =>
    api.recommendBatch({ collectionName: plain, recommendPoints: [like] }),
  );
  await step('recommend by points of another collection', () =>
    api.recommend({ ...like, negative: [], lookupFrom: { collectionName: other } }),
  );
  const example = (id: number) => ({ example: { case: 'id' as const, value: num(id) } });
  const towards = {
    collectionName: plain,
    target: { target: { case: 'single' as const, value: example(2) } },
    context: [{ positive: example(4), negative: example(5) }],
    limit: 3n,
  };
  await step('discover', () => api.discover(towards));
  await step('discover, batch', () =>
    api.discoverBatch({ collectionName: plain, discoverPoints: [towards] }),
  );
};

const query: Part = async (client, step) => {
  const api = client.api('points');
  const from = { collectionName: plain, limit: 3n };
  await step('query', () => api.query({ ...from, query: nearest(origin), withPayload: everything }));
  await step('query by id', () =>
    api.query({
      ...from,
      query: { variant: { case: 'nearest', value: { variant: { case: 'id', value: num(2) } } } },
    }),
  );
  await step('query with prefetch and fusion', () =>
    api.query({
      ...from,
      prefetch: [
        { query: nearest(origin), limit: 4n },
        { query: nearest([1, 0, 0.2, 0]), limit: 4n },
      ],
      query: { variant: { case: 'fusion', value: Fusion.RRF } },
    }),
  );
  await step('query in order', () =>
    api.query({ ...from, query: { variant: { case: 'orderBy', value: { key: 'n' } } } }),
  );
  await step('query, batch', () =>
    api.queryBatch({ collectionName: plain, queryPoints: [{ ...from, query: nearest(origin) }] }),
  );
  const sample = { collectionName: plain, sample: 100n, limit: 2n, filter: withKind('even') };
  await step('matrix of pairs', async () => {
    const { result } = await api.searchMatrixPairs(sample);
    return result?.pairs.map(({ score }) => score).sort();
  });
  await step('matrix with offsets', async () => {
    const { result } = await api.searchMatrixOffsets(sample);
    return { ids: result?.ids.length, scores: [...(result?.scores ?? [])].sort() };
  });
};

const groups: Part = async (client, step) => {
  const api = client.api('points');
  const from = { collectionName: plain, groupBy: 'kind', limit: 2, groupSize: 2 };
  await step('search groups', () => api.searchGroups({ ...from, vector: origin }));
  await step('recommend groups', () => api.recommendGroups({ ...from, positive: [num(1)] }));
  await step('query groups', () =>
    api.queryGroups({ ...from, limit: 2n, groupSize: 2n, query: nearest(origin) }),
  );
  await step('groups by number, with a look-up', () =>
    api.searchGroups({ ...from, groupBy: 'n', vector: origin, withLookup: { collection: other } }),
  );
};

const payloads: Part = async (client, step) => {
  const api = client.api('points');
  const into = { collectionName: plain, wait: true };
  const show = () => api.scroll({ collectionName: plain, withPayload: everything });
  await step('set payload', () =>
    api.setPayload({ ...into, payload: { more: text('yes') }, pointsSelector: byIds(1, 2) }),
  );
  await step('overwrite payload', () =>
    api.overwritePayload({ ...into, payload: { kind: text('even') }, pointsSelector: byIds(2) }),
  );
  await step('delete payload', () => api.deletePayload({ ...into, keys: ['n'], pointsSelector: byIds(3) }));
  await step('clear payload', () => api.clearPayload({ ...into, points: byIds(4) }));
  await step('payloads', show);
  await step('delete by filter', () =>
    api.delete({ ...into, points: { pointsSelectorOneOf: { case: 'filter', value: withKind('odd') } } }),
  );
  await step('what is left', show);
  await step('update, batch', () =>
    api.updateBatch({
      ...into,
      operations: [
        { operation: { case: 'upsert', value: { points: [{ id: num(7), vectors: vectors(origin) }] } } },
        { operation: { case: 'deletePoints', value: { points: byIds(5) } } },
      ],
    }),
  );
  await step('delete an index', () => api.deleteFieldIndex({ ...into, fieldName: 'kind' }));
};

const manyVectors: Part = async (client, step) => {
  const api = client.api('points');
  const map = {
    image: params(3, Distance.Cosine),
    tokens: { ...params(2, Distance.Dot), multivectorConfig: { comparator: 0 } },
  };
  await step('create with named vectors', () =>
    client.api('collections').create({
      collectionName: many,
      vectorsConfig: { config: { case: 'paramsMap', value: { map } } },
      sparseVectorsConfig: { map: { words: {} } },
    }),
  );
  const named = (index: number) => ({
    image: { vector: dense([index, 1, 0.5]) },
    tokens: {
      vector: {
        case: 'multiDense' as const,
        value: { vectors: [{ data: [1, index] }, { data: [0.5, 0.5] }] },
      },
    },
    words: {
      vector: { case: 'sparse' as const, value: { indices: [1, index + 2], values: [index / 2, index] } },
    },
  });
  await step('upsert named vectors', () =>
    api.upsert({
      collectionName: many,
      wait: true,
      points: [1, 2, 3].map((index) => ({
        id: num(index),
        vectors: { vectorsOptions: { case: 'vectors' as const, value: { vectors: named(index) } } },
      })),
    }),
  );
  await step('named vectors', () =>
    api.get({ collectionName: many, ids: [num(1), num(2)], withVectors: everything }),
  );
  const from = { collectionName: many, limit: 2n };
  await step('query a named vector', () => api.query({ ...from, query: nearest([1, 0, 0]), using: 'image' }));
  await step('query a sparse vector', () =>
    api.query({
      ...from,
      using: 'words',
      query: {
        variant: {
          case: 'nearest',
          value: { variant: { case: 'sparse', value: { indices: [1, 4], values: [1, 1] } } },
        },
      },
    }),
  );
  await step('query a multivector', () =>
    api.query({
      ...from,
      using: 'tokens',
      query: {
        variant: {
          case: 'nearest',
          value: {
            variant: { case: 'multiDense', value: { vectors: [{ data: [0, 1] }, { data: [1, 0] }] } },
          },
        },
      },
    }),
  );
  await step('delete vectors', () =>
    api.deleteVectors({
      collectionName: many,
      wait: true,
      pointsSelector: byIds(1),
      vectors: { names: ['words'] },
    }),
  );
  await step('named vectors that are left', () =>
    api.get({ collectionName: many, ids: [num(1)], withVectors: everything }),
  );
};

const aliases: Part = async (client, step) => {
  const collections = client.api('collections');
  const own = (list: readonly { readonly aliasName: string; readonly collectionName: string }[]) =>
    list
      .map(({ aliasName, collectionName }) => `${aliasName} → ${collectionName}`)
      .filter((each) => each.startsWith('scenario-'));
  const changing = (
    action: NonNullable<Parameters<typeof collections.updateAliases>[0]['actions']>[number],
  ) => collections.updateAliases({ actions: [action] });
  await step('create an alias', () =>
    changing({
      action: { case: 'createAlias', value: { aliasName: 'scenario-live', collectionName: plain } },
    }),
  );
  await step('list aliases', async () => own((await collections.listAliases({})).aliases));
  await step('list aliases of a collection', async () =>
    own((await collections.listCollectionAliases({ collectionName: plain })).aliases),
  );
  await step('count by an alias', () =>
    client.api('points').count({ collectionName: 'scenario-live', exact: true }),
  );
  await step('rename an alias', () =>
    changing({
      action: { case: 'renameAlias', value: { oldAliasName: 'scenario-live', newAliasName: 'scenario-now' } },
    }),
  );
  await step('delete an alias', () =>
    changing({ action: { case: 'deleteAlias', value: { aliasName: 'scenario-now' } } }),
  );
  await step('list no aliases', async () => own((await collections.listAliases({})).aliases));
};

const faults: Part = async (client, step) => {
  const api = client.api('points');
  await step('search a missing collection', () =>
    api.search({ collectionName: 'scenario-none', vector: origin, limit: 1n }),
  );
  await step('search with a vector that is too short', () =>
    api.search({ collectionName: plain, vector: [1], limit: 1n }),
  );
  await step('upsert a vector that is too short', () =>
    api.upsert({ collectionName: plain, wait: true, points: [{ id: num(1), vectors: vectors([1]) }] }),
  );
  await step('recommend by a missing point', () =>
    api.recommend({ collectionName: plain, positive: [num(99)], limit: 1n }),
  );
};

const remove: Part = async (client, step) => {
  for (const collectionName of [plain, many, other]) {
    await step(`delete ${collectionName}`, () => client.api('collections').delete({ collectionName }));
  }
  await step('delete one that is gone', () => client.api('collections').delete({ collectionName: plain }));
  await step('list nothing', async () => namesIn(await client.api('collections').list({})));
};
