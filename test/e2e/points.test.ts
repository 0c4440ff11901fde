import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { floatsOf, idsOf, JsonTenant, pointsOf } from '../support/json-tenant.js';

let gateway: TestGateway;
let tenant: JsonTenant;

const uuid = '6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091';
const docs = { collection: 'docs' };

/** A collection of its own, with two points, for a test that writes. */
async function scratch(collection: string): Promise<{ collection: string }> {
  await tenant.call('CreateCollection', { collection, vector_size: 2, distance: 'DISTANCE_DOT' });
  const points = [1, 2].map((num) => ({
    id: { num },
    vector: [num, 0],
    payload_struct: { title: `t${num}`, pages: num },
  }));
  await tenant.call('UpsertPoints', { collection, points });
  return { collection };
}

beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = new JsonTenant(gateway.address, 'points-writes');
  await tenant.call('CreateCollection', { ...docs, vector_size: 4 });
  const points = [1, 2, 3].map((num) => ({
    id: { num },
    vector: [num, 1, 0, 0],
    payload_struct: { pages: num + 0.5 * (num - 1) },
  }));
  await tenant.call('UpsertPoints', { ...docs, points });
});
afterAll(async () => {
  tenant?.close();
  await gateway?.close();
});

const invalidArgument = 3;
const notFound = 5;
const completed = { result: { status: 'UPDATE_STATUS_COMPLETED' } };

/** What is stored now, payload as plain JSON, in the order of ids. */
async function stored(where: { collection: string }): Promise<unknown[]> {
  const reply = await tenant.call('ScrollPoints', { ...where, with_payload: { as_struct: true } });
  return pointsOf(reply).map(({ id, payloadStruct }) => [id.num, payloadStruct]);
}

describe('UpsertPoints', () => {
  test('stores points, and replaces those with the same id', async () => {
    const where = await scratch('upsert');
    const points = [
      { id: { num: 2 }, vector: [0, 1], payload_struct: { title: 'new' } },
      { id: { num: 3 }, vector: [1, 1] },
    ];
    expect(await tenant.call('UpsertPoints', { ...where, points })).toMatchObject(completed);
    expect(await stored(where)).toEqual([
      ['1', { title: 't1', pages: 1 }],
      ['2', { title: 'new' }],
      ['3', undefined],
    ]);
  });

  test('stores nothing when one of the points is bad, and names them all', async () => {
    const where = await scratch('all-or-nothing');
    const points = [
      { id: { num: 7 }, vector: [1, 2] },
      { id: { num: 8 }, vector: [1] },
      { id: { uuid: 'doc-17' }, vector: [1, 2] },
    ];
    const failure = await tenant.failure('UpsertPoints', { ...where, points });
    expect(failure).toMatchObject({
      code: invalidArgument,
      reason: 'VECTOR_DIMENSION_MISMATCH',
      violations: [{ field: 'points[1].vector' }, { field: 'points[2].id.uuid' }],
    });
    expect(failure.message).toContain('nothing was stored');
    expect(await stored(where)).toHaveLength(2);
  });

  test('stores the good ones with allow_partial, and lists the others', async () => {
    const where = await scratch('partial');
    const points = [
      { id: { num: 7 }, vector: [1, 2] },
      { id: { num: 8 }, vector: [Number.NaN, 1] },
    ];
    expect(await tenant.call('UpsertPoints', { ...where, points, allow_partial: true })).toMatchObject({
      ...completed,
      rejected: '1',
      rejections: [{ index: '1', id: { num: '8' }, reason: 'VECTOR_NOT_FINITE', field: 'vector[0]' }],
    });
    expect(await stored(where)).toHaveLength(3);
    const none = await tenant.failure('UpsertPoints', {
      ...where,
      points: points.slice(1),
      allow_partial: true,
    });
    expect(none).toMatchObject({ code: invalidArgument, reason: 'VECTOR_NOT_FINITE' });
  });

  test('answers before it is applied only when wait is false', async () => {
    const where = await scratch('wait');
    const points = [{ id: { num: 5 }, vector: [1, 2] }];
    const reply = await tenant.call('UpsertPoints', { ...where, points, wait: false });
    expect(reply).toMatchObject({
      result: { status: expect.stringMatching(/^UPDATE_STATUS_(ACKNOWLEDGED|COMPLETED)$/) },
    });
  });

  test.each([
    [{ points: [] }, 'FIELD_INVALID', 'points'],
    [{ points: [{ id: { num: 1 } }] }, 'VECTOR_MISSING', 'points[0].vector'],
    [{ points: [{ vector: [1, 2, 3, 4] }] }, 'POINT_ID_INVALID', 'points[0].id'],
    [
      {
        points: [
          { id: { num: 1 }, vector: [1, 2, 3, 4], vectors: { vector: { dense: { data: [1, 2, 3, 4] } } } },
        ],
      },
      'POINT_INVALID',
      'points[0].vectors',
    ],
    [
      {
        points: [
          { id: { num: 1 }, vector: [1, 2, 3, 4], payload: { a: { boolValue: true } }, payload_struct: {} },
        ],
      },
      'POINT_INVALID',
      'points[0].payload_struct',
    ],
  ])('refuses %j', async (request, reason, field) => {
    expect(await tenant.failure('UpsertPoints', { ...docs, ...request })).toMatchObject({
      code: invalidArgument,
      reason,
      violations: [{ field }],
    });
  });

  test('refuses 10,001 points, and a collection that does not exist', async () => {
    const points = Array.from({ length: 10_001 }, () => ({}));
    expect(await tenant.failure('UpsertPoints', { ...docs, points })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
    });
    const nowhere = { collection: 'nowhere', points: [{ id: { num: 1 }, vector: [1] }] };
    expect(await tenant.failure('UpsertPoints', nowhere)).toMatchObject({
      code: notFound,
      reason: 'COLLECTION_NOT_FOUND',
    });
  });
});

describe('payloads and ids', () => {
  test('come back as they were sent: integers and doubles apart, u64 ids and UUIDs exact', async () => {
    const where = await scratch('exact');
    const payload = {
      int: { integerValue: '9007199254740993' },
      double: { doubleValue: 1.5 },
      zero: { doubleValue: -0 },
      text: { stringValue: '🙂' },
      nothing: { nullValue: 'NULL_VALUE_NULL' },
      list: {
        listValue: {
          values: [{ boolValue: true }, { structValue: { fields: { a: { stringValue: 'b' } } } }],
        },
      },
    };
    const ids = [{ num: '18446744073709551615' }, { num: '9223372036854775808' }, { uuid }];
    await tenant.call('UpsertPoints', {
      ...where,
      points: ids.map((id) => ({ id, vector: [1, 0], payload })),
    });
    const reply = await tenant.call('GetPoints', { ...where, ids, with_payload: { enable: true } });
    const points = pointsOf(reply);
    expect(new Set(idsOf(points))).toEqual(new Set(['18446744073709551615', '9223372036854775808', uuid]));
    for (const point of points) expect(point).toMatchObject({ payload });
  });

  test('as plain JSON have integral numbers as integers, so that filters find them', async () => {
    const reply = await tenant.call('GetPoints', {
      ...docs,
      ids: [{ num: 1 }, { num: 2 }],
      with_payload: { enable: true },
    });
    const payloads = pointsOf(reply).map(({ payload }) => payload);
    expect(payloads).toContainEqual(expect.objectContaining({ pages: { integerValue: '1' } }));
    expect(payloads).toContainEqual(expect.objectContaining({ pages: { doubleValue: 2.5 } }));
  });
});

describe('DeletePoints', () => {
  test('deletes by ids, whether they exist or not', async () => {
    const where = await scratch('delete-ids');
    const points = { points: { ids: [{ num: 1 }, { num: 99 }] } };
    expect(await tenant.call('DeletePoints', { ...where, points })).toMatchObject(completed);
    expect(await stored(where)).toEqual([['2', { title: 't2', pages: 2 }]]);
  });

  test('deletes by a filter', async () => {
    const where = await scratch('delete-filter');
    const points = { filter: { must: [{ field: { key: 'pages', range: { gte: 2 } } }] } };
    await tenant.call('DeletePoints', { ...where, points });
    expect(await stored(where)).toEqual([['1', { title: 't1', pages: 1 }]]);
  });

  test.each<readonly [string, object, string]>([
    ['no selector', {}, 'FIELD_INVALID'],
    ['no ids', { points: { points: {} } }, 'FIELD_INVALID'],
    ['an empty filter', { points: { filter: {} } }, 'FILTER_INVALID'],
    ['an empty condition', { points: { filter: { must: [{}] } } }, 'FILTER_INVALID'],
    [
      'a condition without predicate under must_not',
      { points: { filter: { must_not: [{ field: { key: 'title' } }] } } },
      'FILTER_INVALID',
    ],
    ['none of no ids', { points: { filter: { must_not: [{ has_id: {} }] } } }, 'FILTER_INVALID'],
  ])('with %s deletes nothing', async (_what, request, reason) => {
    expect(await tenant.failure('DeletePoints', { ...docs, ...request })).toMatchObject({
      code: invalidArgument,
      reason,
    });
    expect(await tenant.call('CountPoints', docs)).toEqual({ result: { count: '3' } });
  });
});

describe('UpdateVectors', () => {
  test('replaces vectors and keeps payloads', async () => {
    const where = await scratch('update-vectors');
    const points = [{ id: { num: 1 }, vector: [9, 9] }];
    expect(await tenant.call('UpdateVectors', { ...where, points })).toMatchObject(completed);
    const reply = await tenant.call('GetPoints', {
      ...where,
      ids: [{ num: 1 }],
      with_vectors: { enable: true },
      with_payload: { as_struct: true },
    });
    expect(floatsOf(pointsOf(reply)[0])).toEqual([9, 9]);
    expect(pointsOf(reply)[0]?.payloadStruct).toEqual({ title: 't1', pages: 1 });
  });

  test('says that the existing points were changed when others are missing', async () => {
    const where = await scratch('update-missing');
    const points = [1, 99].map((num) => ({ id: { num }, vector: [5, 5] }));
    const failure = await tenant.failure('UpdateVectors', { ...where, points });
    expect(failure).toMatchObject({ code: notFound, reason: 'POINT_NOT_FOUND' });
    expect(failure.message).toContain('may have been changed');
  });

  test('sends nothing when one vector is bad', async () => {
    const where = await scratch('update-bad');
    const points = [
      { id: { num: 1 }, vector: [5, 5] },
      { id: { num: 2 }, vector: [5] },
    ];
    const failure = await tenant.failure('UpdateVectors', { ...where, points });
    expect(failure).toMatchObject({
      reason: 'VECTOR_DIMENSION_MISMATCH',
      violations: [{ field: 'points[1].vector' }],
    });
    const reply = await tenant.call('GetPoints', {
      ...where,
      ids: [{ num: 1 }],
      with_vectors: { enable: true },
    });
    expect(floatsOf(pointsOf(reply)[0])).toEqual([1, 0]);
  });
});

describe('payload RPCs', () => {
  const first = { points_selector: { points: { ids: [{ num: 1 }] } } };
  const all = { points_selector: { filter: { must: [{ field: { key: 'pages', range: { gte: 0 } } }] } } };

  test('SetPayload sets keys and keeps the others', async () => {
    const where = await scratch('set-payload');
    expect(
      await tenant.call('SetPayload', {
        ...where,
        ...first,
        payload_struct: { title: 'new', extra: [1, 'x'] },
      }),
    ).toMatchObject(completed);
    await tenant.call('SetPayload', { ...where, ...all, payload: { seen: { boolValue: true } } });
    expect(await stored(where)).toEqual([
      ['1', { title: 'new', pages: 1, extra: [1, 'x'], seen: true }],
      ['2', { title: 't2', pages: 2, seen: true }],
    ]);
  });

  test('SetPayload below a key sets there', async () => {
    const where = await scratch('set-below');
    await tenant.call('SetPayload', { ...where, ...first, payload_struct: { meta: { a: 1 } } });
    await tenant.call('SetPayload', { ...where, ...first, key: 'meta', payload_struct: { b: 2 } });
    expect(await stored(where)).toContainEqual(['1', { title: 't1', pages: 1, meta: { a: 1, b: 2 } }]);
  });

  test('OverwritePayload replaces all of it', async () => {
    const where = await scratch('overwrite');
    await tenant.call('OverwritePayload', { ...where, ...first, payload_struct: { only: 'this' } });
    expect(await stored(where)).toEqual([
      ['1', { only: 'this' }],
      ['2', { title: 't2', pages: 2 }],
    ]);
  });

  test('DeletePayload removes keys, ClearPayload everything', async () => {
    const where = await scratch('clear');
    await tenant.call('DeletePayload', { ...where, ...first, keys: ['title', 'nope'] });
    expect(await stored(where)).toContainEqual(['1', { pages: 1 }]);
    await tenant.call('ClearPayload', { ...where, points: { points: { ids: [{ num: 2 }] } } });
    expect(await stored(where)).toEqual([
      ['1', { pages: 1 }],
      ['2', undefined],
    ]);
  });

  test('a missing id is told, and that the others may have been changed', async () => {
    const where = await scratch('set-missing');
    const some = { points_selector: { points: { ids: [{ num: 1 }, { num: 99 }] } } };
    const failure = await tenant.failure('SetPayload', { ...where, ...some, payload_struct: { a: 1 } });
    expect(failure).toMatchObject({ code: notFound, reason: 'POINT_NOT_FOUND' });
    expect(failure.message).toContain('may have been changed');
  });

  test.each<readonly [string, string, object, string]>([
    ['SetPayload', 'no selector', { payload_struct: { a: 1 } }, 'FIELD_INVALID'],
    [
      'SetPayload',
      'both forms',
      { ...first, payload: { a: { boolValue: true } }, payload_struct: { a: 1 } },
      'POINT_INVALID',
    ],
    [
      'SetPayload',
      'a number that is not finite',
      { ...first, payload: { a: { doubleValue: Number.NaN } } },
      'PAYLOAD_INVALID',
    ],
    [
      'OverwritePayload',
      'an empty filter',
      { points_selector: { filter: {} }, payload_struct: {} },
      'FILTER_INVALID',
    ],
    ['DeletePayload', 'no keys', first, 'FIELD_INVALID'],
    ['ClearPayload', 'an empty filter', { points: { filter: {} } }, 'FILTER_INVALID'],
  ])('%s with %s changes nothing', async (rpc, _what, request, reason) => {
    expect(await tenant.failure(rpc, { ...docs, ...request })).toMatchObject({
      code: invalidArgument,
      reason,
    });
  });
});
