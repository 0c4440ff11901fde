import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { floatsOf, hitsOf, idsOf, JsonTenant, pointsOf } from '../support/json-tenant.js';

let gateway: TestGateway;
let tenant: JsonTenant;

const uuid = '6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091';
/** Five points; the nearest to [1,0,0,0] are 1, 2, then the others. */
const documents = [
  {
    id: { num: 1 },
    vector: [1, 0, 0, 0],
    payload_struct: { title: 'one', section: 'a', pages: 10, tags: ['x', 'y'], author: { name: 'Ann' } },
  },
  { id: { num: 2 }, vector: [4, 3, 0, 0], payload_struct: { title: 'two', section: 'a', pages: 20 } },
  {
    id: { num: 3 },
    vector: [0, 1, 0, 0],
    payload_struct: { title: 'three', section: 'b', pages: 30, note: null },
  },
  {
    id: { num: 4 },
    vector: [-3, 4, 0, 0],
    payload_struct: { title: 'four', section: 'b', pages: 12.5, tags: [] },
  },
  { id: { uuid }, vector: [-1, 0, 0, 0], payload_struct: { title: 'five' } },
];
const docs = { collection: 'docs' };
const nearest = { ...docs, vector: [1, 0, 0, 0] };

beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = new JsonTenant(gateway.address, 'points-reads');
  await tenant.call('CreateCollection', { ...docs, vector_size: 4 });
  await tenant.call('UpsertPoints', { ...docs, points: documents });
});
afterAll(async () => {
  tenant?.close();
  await gateway?.close();
});

const invalidArgument = 3;
const notFound = 5;

async function idsMatching(filter: object): Promise<string[]> {
  return idsOf(pointsOf(await tenant.call('ScrollPoints', { ...docs, filter: { ...filter } })));
}

describe('GetPoints', () => {
  test('returns what exists, without payload and vectors unless asked', async () => {
    const reply = await tenant.call('GetPoints', { ...docs, ids: [{ num: 1 }, { uuid }, { num: 99 }] });
    expect(new Set(idsOf(pointsOf(reply)))).toEqual(new Set(['1', uuid]));
    for (const point of pointsOf(reply)) expect(Object.keys(point)).toEqual(['id']);
  });

  test('returns the payload that was asked for, in the form that was asked for', async () => {
    const get = async (with_payload: object): Promise<unknown> => {
      const reply = await tenant.call('GetPoints', {
        ...docs,
        ids: [{ num: 1 }],
        with_payload: { ...with_payload },
      });
      return pointsOf(reply)[0]?.payloadStruct;
    };
    const all = documents[0]?.payload_struct;
    expect(await get({ as_struct: true })).toEqual(all);
    expect(await get({ enable: true, as_struct: true })).toEqual(all);
    expect(await get({ enable: false, as_struct: true })).toBeUndefined();
    expect(await get({ include: { fields: ['title', 'author.name'] }, as_struct: true })).toEqual({
      title: 'one',
      author: { name: 'Ann' },
    });
    expect(await get({ exclude: { fields: ['author', 'tags', 'pages'] }, as_struct: true })).toEqual({
      title: 'one',
      section: 'a',
    });
  });

  test('returns vectors, of unit length under Cosine', async () => {
    const reply = await tenant.call('GetPoints', {
      ...docs,
      ids: [{ num: 2 }],
      with_vectors: { enable: true },
    });
    const [point] = pointsOf(reply);
    const floats = floatsOf(point);
    expect(floats.map((float) => Math.round(float * 100) / 100)).toEqual([0.8, 0.6, 0, 0]);
  });

  test('refuses ids that are neither numbers nor UUIDs, by position', async () => {
    const failure = await tenant.failure('GetPoints', { ...docs, ids: [{ num: 1 }, { uuid: 'doc-17' }] });
    expect(failure).toMatchObject({ reason: 'POINT_ID_INVALID', violations: [{ field: 'ids[1].uuid' }] });
    expect(failure.message).toContain('derive a UUID');
  });
});

describe('SearchPoints', () => {
  test('returns the nearest first, ten unless a limit says otherwise', async () => {
    const where = { collection: 'many' };
    await tenant.call('CreateCollection', { ...where, vector_size: 2, distance: 'DISTANCE_DOT' });
    const points = Array.from({ length: 25 }, (_, num) => ({ id: { num }, vector: [num, 0] }));
    await tenant.call('UpsertPoints', { ...where, points });
    const search = async (options: object) =>
      idsOf(hitsOf(await tenant.call('SearchPoints', { ...where, vector: [1, 0], ...options })));
    const from24 = (count: number, skipped = 0): string[] =>
      Array.from({ length: count }, (_, index) => String(24 - skipped - index));
    expect(await search({})).toEqual(from24(10));
    expect(await search({ limit: 0 })).toEqual(from24(10));
    expect(await search({ limit: 3 })).toEqual(from24(3));
    expect(await search({ limit: 3, offset: 5 })).toEqual(from24(3, 5));
    expect(await search({ limit: 10_000, offset: 20 })).toEqual(from24(5, 20));
    expect(await search({ limit: 30, score_threshold: 22 })).toEqual(['24', '23']);
  });

  test('has scores, and a threshold that they must exceed', async () => {
    const hits = hitsOf(await tenant.call('SearchPoints', nearest));
    expect(idsOf(hits)).toEqual(['1', '2', '3', '4', uuid]);
    expect(hits[1]?.score).toBeCloseTo(0.8, 5);
    const above = hitsOf(await tenant.call('SearchPoints', { ...nearest, score_threshold: 0 }));
    expect(idsOf(above)).toEqual(['1', '2']);
  });

  test('keeps distances below the threshold under Euclid', async () => {
    const where = { collection: 'euclid' };
    await tenant.call('CreateCollection', { ...where, vector_size: 1, distance: 'DISTANCE_EUCLID' });
    await tenant.call('UpsertPoints', {
      ...where,
      points: [0, 1, 2, 3].map((num) => ({ id: { num }, vector: [num] })),
    });
    const hits = hitsOf(await tenant.call('SearchPoints', { ...where, vector: [0], score_threshold: 2 }));
    expect(idsOf(hits)).toEqual(['0', '1']);
  });

  test('honours filter, selectors and params together', async () => {
    const reply = await tenant.call('SearchPoints', {
      ...nearest,
      filter: { must: [{ field: { key: 'section', match: { keyword: 'b' } } }] },
      with_payload: { include: { fields: ['title'] }, as_struct: true },
      with_vectors: { enable: true },
      params: { exact: true, hnsw_ef: 64 },
    });
    const hits = hitsOf(reply);
    expect(hits.map(({ payloadStruct }) => payloadStruct)).toEqual([{ title: 'three' }, { title: 'four' }]);
    expect(floatsOf(hits[0])).toEqual([0, 1, 0, 0]);
  });

  test.each([
    [{ vector: [1, 2] }, 'VECTOR_DIMENSION_MISMATCH', 'vector'],
    [{ vector: [] }, 'VECTOR_MISSING', 'vector'],
    [{ vector: [1, Number.NaN, 0, 0] }, 'VECTOR_NOT_FINITE', 'vector[1]'],
    [{ limit: 10_001 }, 'LIMIT_EXCEEDED', 'limit'],
    [{ offset: 100_001 }, 'LIMIT_EXCEEDED', 'offset'],
    [{ score_threshold: Number.NaN }, 'FIELD_INVALID', 'score_threshold'],
    [{ params: { hnsw_ef: '18446744073709551615' } }, 'LIMIT_EXCEEDED', 'params.hnsw_ef'],
    [
      { params: { quantization: { oversampling: Number.NaN } } },
      'FIELD_INVALID',
      'params.quantization.oversampling',
    ],
    [{ filter: { must: [{}] } }, 'FILTER_INVALID', 'filter.must[0]'],
    [{ filter: { must_not: [{ field: { key: 'title' } }] } }, 'FILTER_INVALID', 'filter.must_not[0].field'],
  ])('refuses %j', async (change, reason, field) => {
    expect(await tenant.failure('SearchPoints', { ...nearest, ...change })).toMatchObject({
      code: invalidArgument,
      reason,
      violations: [{ field }],
    });
  });

  test('refuses a reply above 32 MiB with the advice to lower the limit', async () => {
    const where = { collection: 'wide' };
    const size = 8192;
    await tenant.call('CreateCollection', { ...where, vector_size: size });
    const vector = Array.from({ length: size }, (_, index) => index % 7);
    for (let first = 0; first < 1200; first += 300) {
      const points = Array.from({ length: 300 }, (_, index) => ({ id: { num: first + index }, vector }));
      await tenant.call('UpsertPoints', { ...where, points });
    }
    // Exact: a graph over vectors that are all the same finds only some of them.
    const search = { ...where, vector, limit: 1200, params: { exact: true } };
    const failure = await tenant.failure('SearchPoints', { ...search, with_vectors: { enable: true } });
    expect(failure).toMatchObject({ code: 8, reason: 'REPLY_TOO_LARGE' });
    expect(failure.message).toContain('lower the limit');
    expect(hitsOf(await tenant.call('SearchPoints', search))).toHaveLength(1200);
  });
});

describe('SearchPointsBatch', () => {
  test('answers each search as SearchPoints does', async () => {
    const searches = [
      { vector: [1, 0, 0, 0], limit: 2 },
      { vector: [0, 1, 0, 0], filter: { must_not: [{ has_id: { has_id: [{ num: 3 }] } }] } },
      { vector: [1, 0, 0, 0], offset: 1, limit: 1, with_payload: { as_struct: true } },
    ];
    const reply = await tenant.call('SearchPointsBatch', { ...docs, search_points: searches });
    const alone = await Promise.all(
      searches.map((search) => tenant.call('SearchPoints', { ...docs, ...search })),
    );
    expect(reply).toEqual({ results: alone });
  });
});

describe('filters', () => {
  const field = (key: string, predicate: object) => ({ field: { key, ...predicate } });
  const sectionA = field('section', { match: { keyword: 'a' } });

  test.each<readonly [string, object, readonly string[]]>([
    ['a keyword', { must: [sectionA] }, ['1', '2']],
    [
      'any of several',
      { must: [field('title', { match: { keywords: { strings: ['one', 'three'] } } })] },
      ['1', '3'],
    ],
    [
      'none of several',
      { must: [field('section', { match: { except_keywords: { strings: ['a'] } } })] },
      ['3', '4'],
    ],
    ['an integer', { must: [field('pages', { match: { integer: 20 } })] }, ['2']],
    ['a range', { must: [field('pages', { range: { gt: 10, lte: 20 } })] }, ['2', '4']],
    ['an element of a list', { must: [field('tags', { match: { keyword: 'y' } })] }, ['1']],
    ['a path', { must: [field('author.name', { match: { keyword: 'Ann' } })] }, ['1']],
    ['ids', { must: [{ has_id: { has_id: [{ num: 4 }, { uuid }] } }] }, ['4', uuid]],
    ['is_empty', { must: [{ is_empty: { key: 'section' } }] }, [uuid]],
    ['is_null', { must: [{ is_null: { key: 'note' } }] }, ['3']],
    ['must_not', { must_not: [sectionA] }, ['3', '4', uuid]],
    ['should', { should: [sectionA, field('pages', { range: { gte: 30 } })] }, ['1', '2', '3']],
    [
      'a filter in a filter',
      { must: [{ filter: { must_not: [sectionA] } }, field('pages', { range: { lt: 20 } })] },
      ['4'],
    ],
    [
      'min_should',
      {
        min_should: {
          conditions: [
            sectionA,
            field('pages', { range: { gte: 20 } }),
            field('tags', { match: { keyword: 'x' } }),
          ],
          min_count: 2,
        },
      },
      ['1', '2'],
    ],
  ])('find by %s', async (_what, filter, expected) => {
    expect(new Set(await idsMatching(filter))).toEqual(new Set(expected));
  });
});

describe('QueryPoints', () => {
  test('finds the nearest to a vector', async () => {
    const reply = await tenant.call('QueryPoints', {
      ...docs,
      query: { nearest: { dense: { data: [1, 0, 0, 0] } } },
      limit: 2,
    });
    expect(idsOf(hitsOf(reply))).toEqual(['1', '2']);
  });

  test('finds the nearest to a stored point, which is left out', async () => {
    const reply = await tenant.call('QueryPoints', {
      ...docs,
      query: { nearest: { id: { num: 1 } } },
      with_payload: { as_struct: true },
    });
    expect(idsOf(hitsOf(reply))).toEqual(['2', '3', '4', uuid]);
    expect(hitsOf(reply)[0]?.payloadStruct).toEqual(documents[1]?.payload_struct);
  });

  test('does not find a stored point that is not there', async () => {
    const failure = await tenant.failure('QueryPoints', { ...docs, query: { nearest: { id: { num: 99 } } } });
    expect(failure).toMatchObject({ code: notFound, reason: 'POINT_NOT_FOUND' });
  });

  test('without a query goes by id', async () => {
    const ids = idsOf(hitsOf(await tenant.call('QueryPoints', { ...docs, limit: 3 })));
    expect(ids).toEqual(['1', '2', '3']);
  });

  test('honours filter, offset and threshold', async () => {
    const query = { nearest: { dense: { data: [1, 0, 0, 0] } } };
    const filter = { must: [{ field: { key: 'section', match: { keyword: 'a' } } }] };
    const ids = async (options: object) =>
      idsOf(hitsOf(await tenant.call('QueryPoints', { ...docs, query, ...options })));
    expect(await ids({ filter })).toEqual(['1', '2']);
    expect(await ids({ offset: 1, limit: 2 })).toEqual(['2', '3']);
    expect(await ids({ score_threshold: 0.5 })).toEqual(['1', '2']);
  });

  test.each([
    [{ query: {} }, 'FIELD_INVALID', 'query'],
    [{ query: { nearest: {} } }, 'FIELD_INVALID', 'query.nearest'],
    [
      { query: { nearest: { dense: { data: [1] } } } },
      'VECTOR_DIMENSION_MISMATCH',
      'query.nearest.dense.data',
    ],
    [{ query: { nearest: { id: { uuid: 'x' } } } }, 'POINT_ID_INVALID', 'query.nearest.id.uuid'],
    [{ limit: 10_001 }, 'LIMIT_EXCEEDED', 'limit'],
  ])('refuses %j', async (change, reason, field) => {
    expect(await tenant.failure('QueryPoints', { ...docs, ...change })).toMatchObject({
      code: invalidArgument,
      reason,
      violations: [{ field }],
    });
  });
});

describe('ScrollPoints', () => {
  test('goes through all points in the order of ids, page by page', async () => {
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let offset: object | undefined = {}; offset !== undefined; ) {
      const from = Object.keys(offset).length === 0 ? {} : { offset: { ...offset } };
      const reply = await tenant.call('ScrollPoints', { ...docs, limit: 2, ...from });
      seen.push(...idsOf(pointsOf(reply)));
      sizes.push(pointsOf(reply).length);
      offset = (reply as { nextPageOffset?: object }).nextPageOffset;
    }
    expect(seen).toEqual(['1', '2', '3', '4', uuid]);
    expect(sizes).toEqual([2, 2, 1]);
  });

  test('returns payloads unless told otherwise, and ten points', async () => {
    const [first] = pointsOf(await tenant.call('ScrollPoints', docs));
    expect(first).toHaveProperty('payload.title.stringValue', 'one');
    const [bare] = pointsOf(await tenant.call('ScrollPoints', { ...docs, with_payload: { enable: false } }));
    expect(bare).not.toHaveProperty('payload');
    expect(await tenant.failure('ScrollPoints', { ...docs, limit: 10_001 })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
    });
    expect(await tenant.failure('ScrollPoints', { ...docs, offset: { uuid: 'x' } })).toMatchObject({
      reason: 'POINT_ID_INVALID',
    });
  });
});

describe('CountPoints', () => {
  test('counts exactly unless an estimate is asked', async () => {
    const filter = { must: [{ field: { key: 'section', match: { keyword: 'a' } } }] };
    expect(await tenant.call('CountPoints', docs)).toEqual({ result: { count: '5' } });
    expect(await tenant.call('CountPoints', { ...docs, filter })).toEqual({ result: { count: '2' } });
    expect(await tenant.call('CountPoints', { ...docs, exact: false })).toHaveProperty('result');
  });
});
