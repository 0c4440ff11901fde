import { fromBinary } from '@bufbuild/protobuf';
import { QueryPointGroupsSchema, QueryPointsSchema } from '@qdrant/js-client-grpc';
import {
  type Client,
  createClient,
  type Points,
  type QueryInput,
  type StreamedSearch,
} from '../../src/client/index.js';
import { type CapturingPeer, startCapturingPeer } from '../support/capturing-peer.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let client: Client;
let points: Points;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = createClient({ address: gateway.address, tenant: '42' });
  await client.collections.create('docs', { vectorSize: 2 });
  points = client.points('docs');
  await points.upsert(
    Array.from({ length: 40 }, (_, id) => ({
      id,
      vector: [Math.cos(id / 20), Math.sin(id / 20)],
      payload: { id },
    })),
  );
});
afterAll(async () => {
  client.close();
  await gateway.close();
});

const vectorOf = (id: number): number[] => [Math.cos(id / 20), Math.sin(id / 20)];

test('searchBatch answers as search does', async () => {
  const searches = [
    { vector: vectorOf(3), limit: 2 },
    { vector: Float32Array.from(vectorOf(9)), offset: 1 },
  ];
  const alone = await Promise.all(searches.map(({ vector, ...options }) => points.search(vector, options)));
  expect(await points.searchBatch(searches)).toEqual(alone);
  await expect(points.searchBatch([{ vector: [1] }])).rejects.toMatchObject({
    reason: 'VECTOR_DIMENSION_MISMATCH',
    violations: [{ field: 'search_points[0].vector' }],
  });
});

test('searchStream answers each search with the search itself', async () => {
  const searches = Array.from({ length: 200 }, (_, index) => ({
    vector: vectorOf(index % 40),
    limit: 1,
    index,
  }));
  const found = new Map<number, unknown>();
  for await (const { search, points: hits } of points.searchStream(searches))
    found.set(search.index, hits?.[0]?.id);
  expect(found.size).toBe(200);
  for (const [index, id] of found) expect(id).toBe(BigInt(index % 40));
});

test('searchStream tells a failure where it belongs, and goes on', async () => {
  const searches: StreamedSearch[] = [
    { vector: [1] },
    { query: { nearest: { id: 4 } }, limit: 1 },
    { vector: [1, 0] },
  ];
  const answers = new Map<StreamedSearch, unknown>();
  for await (const { search, points: hits, error } of points.searchStream(searches)) {
    answers.set(search, error?.reason ?? hits?.length);
  }
  expect(searches.map((search) => answers.get(search))).toEqual(['VECTOR_DIMENSION_MISMATCH', 1, 10]);
});

test('searchStream ends with its signal, its loop and its source', async () => {
  const reason = new Error('no longer wanted');
  const all = async (source: AsyncIterable<StreamedSearch>, signal?: AbortSignal) => {
    const answers = [];
    for await (const answer of points.searchStream(source, { signal })) answers.push(answer);
    return answers;
  };
  const stop = new AbortController();
  async function* silent(): AsyncGenerator<StreamedSearch> {
    yield { vector: [1, 0] };
    setTimeout(() => stop.abort(reason), 50);
    await new Promise(() => undefined);
  }
  await expect(all(silent(), stop.signal)).rejects.toBe(reason);
  async function* failing(): AsyncGenerator<StreamedSearch> {
    yield { vector: [1, 0] };
    throw reason;
  }
  await expect(all(failing())).rejects.toBe(reason);
  for await (const { search } of points.searchStream(silent())) {
    expect(search).toEqual({ vector: [1, 0] });
    break;
  }
});

describe('before a backend that keeps what it is asked', () => {
  let peer: CapturingPeer;
  let front: TestGateway;
  let other: Client;
  beforeAll(async () => {
    peer = await startCapturingPeer();
    for (const name of ['docs', 'more']) {
      peer.collections.set(`company_42_${name}`, { vectorSize: 2, distance: 1, points: 1 });
    }
    front = await startTestGateway({ backendAddress: peer.address });
    other = createClient({ address: front.address, tenant: '42' });
  });
  afterAll(async () => {
    other.close();
    await front.close();
    await peer.close();
  });
  const sent = (method: string): Buffer =>
    peer.calls.findLast((call) => call.method === method)?.request ?? Buffer.alloc(0);

  const pair = { positive: [1, 0], negative: { id: 2 } };
  test.each<readonly [QueryInput, string]>([
    [{ nearest: [1, 0] }, 'nearest'],
    [{ nearest: { id: 1 }, mmr: { diversity: 0.5, candidates: 20 } }, 'nearestWithMmr'],
    [{ recommend: { positive: [{ id: 1 }], negative: [[0, 1]], strategy: 'best' } }, 'recommend'],
    [{ discover: { target: [1, 0], context: [pair] } }, 'discover'],
    [{ context: [pair] }, 'context'],
    [{ orderBy: 'at', direction: 'desc', startFrom: new Date(0) }, 'orderBy'],
    [{ sample: 'random' }, 'sample'],
  ])('query sends %j', async (query, kind) => {
    expect(await other.points('docs').query(query)).toHaveLength(1);
    expect(fromBinary(QueryPointsSchema, sent('Points/Query')).query?.variant.case).toBe(kind);
  });

  test('query sends prefetches, a fusion and a lookup', async () => {
    const found = await other.points('docs').query(
      { fusion: 'dbsf' },
      {
        prefetch: [{ query: { nearest: { id: 1 } }, limit: 5, lookupFrom: { collection: 'more' } }],
        limit: 3,
      },
    );
    expect(found).toHaveLength(1);
    const { query, prefetch, limit } = fromBinary(QueryPointsSchema, sent('Points/Query'));
    expect([query?.variant, limit]).toEqual([{ case: 'fusion', value: 1 }, 3n]);
    expect(prefetch[0]).toMatchObject({ limit: 5n, lookupFrom: { collectionName: 'company_42_more' } });
  });

  test('queryGroups sends its grouping, facet its key', async () => {
    await other
      .points('docs')
      .queryGroups({ nearest: [1, 0] }, { groupBy: 'author', groupSize: 2, limit: 4 });
    const groups = fromBinary(QueryPointGroupsSchema, sent('Points/QueryGroups'));
    expect([groups.groupBy, groups.groupSize, groups.limit]).toEqual(['author', 2n, 4n]);
    await other.points('docs').facet('lang', { exact: true });
    expect(sent('Points/Facet').toString()).toContain('lang');
  });
});
