import { readFileSync } from 'node:fs';
import {
  type Client,
  Code,
  createClient,
  filters,
  type PointInput,
  type Points,
  VectorGatewayError,
} from '../../src/client/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { startStalledPeer } from '../support/stalled-peer.js';
import { certFile, keyFile } from '../support/test-tls.js';

const uuid = '5f0c1d2e-8a3b-4c5d-9e6f-7a8b9c0d1e2f';
const largest = 2n ** 64n - 1n;

let gateway: TestGateway;
let client: Client;
let points: Points;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = createClient({ address: gateway.address, tenant: '42' });
});
afterAll(async () => {
  client.close();
  await gateway.close();
});
beforeEach(async () => {
  await client.collections.create('docs', { vectorSize: 4, distance: 'dot' });
  points = client.points('docs');
});
afterEach(async () => {
  await client.collections.delete('docs', { ifExists: true });
});

/** The error that a call is rejected with. */
async function failureOf(call: Promise<unknown>): Promise<VectorGatewayError> {
  const error = await call.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof VectorGatewayError) return error;
  throw error;
}

async function listed<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const vector = Float32Array.of(1, 2, 3, 4);

describe('collections', () => {
  test('are created, described, indexed, listed and deleted', async () => {
    const { collections } = client;
    const options = { vectorSize: 8, ifNotExists: true };
    expect(await collections.create('notes', options)).toMatchObject({ created: true });
    expect(await collections.create('notes', options)).toMatchObject({ created: false });
    await collections.createPayloadIndex('notes', 'lang', 'keyword');
    expect(await collections.get('notes')).toEqual({
      name: 'notes',
      vectorSize: 8,
      distance: 'cosine',
      pointsCount: 0,
      payloadIndexes: [{ field: 'lang', type: 'keyword' }],
    });
    await collections.deletePayloadIndex('notes', 'lang');
    expect((await collections.get('notes')).payloadIndexes).toEqual([]);
    expect(await listed(collections.list())).toEqual(['docs', 'notes']);
    expect(await collections.delete('notes')).toBe(true);
    expect(await collections.delete('notes', { ifExists: true })).toBe(false);
  });

  test('belong to the tenant that the client acts for', async () => {
    const stranger = createClient({ address: gateway.address, tenant: 'stranger' });
    expect(await listed(stranger.collections.list())).toEqual([]);
    stranger.close();
  });

  test('a distance that does not exist is refused, not replaced by the default', async () => {
    const wrong = { distance: 'dott' as 'dot' };
    await expect(client.collections.create('notes', wrong)).rejects.toThrow(/distance: must be one of/);
  });
});

describe('points', () => {
  test('ids keep all their 64 bits, and UUIDs are texts', async () => {
    const ids = [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, largest, uuid] as const;
    await points.upsert(ids.map((id) => ({ id, vector })));
    expect((await points.get(ids)).map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect((await listed(points.scroll({ pageSize: 2 }))).map(({ id }) => id)).toEqual(ids);
    expect((await points.get([1])).map(({ id }) => id)).toEqual([1n]);
  });

  test.each([
    ['a number beyond 2^53', 2 ** 53],
    ['a fraction', 1.5],
    ['a negative number', -1],
    ['a negative bigint', -1n],
    ['a bigint of 65 bits', largest + 1n],
    ['null', null as unknown as number],
  ])('%s is refused as an id', async (_what, id) => {
    await expect(points.get([id])).rejects.toThrow(TypeError);
    await expect(
      points.upsert([
        { id: 1, vector },
        { id, vector },
      ]),
    ).rejects.toThrow(/^points\[1\]\.id: /);
  });

  test('a Float32Array comes back bit for bit, from the middle of a buffer too', async () => {
    const memory = new Float32Array(6);
    const bits = new Uint32Array(memory.buffer);
    // -0, the smallest subnormal, the largest float, a third.
    bits.set([0xffffffff, 0x80000000, 0x00000001, 0x7f7fffff, 0x3eaaaaab, 0xffffffff]);
    const part = memory.subarray(1, 5);
    await points.upsert([{ id: 1, vector: part }]);
    const [stored] = await points.get([1], { withVector: true });
    expect(bitsOf(stored?.vector)).toEqual(bitsOf(part));
    const [exported] = await listed(points.exportAll());
    expect(bitsOf(exported?.vector)).toEqual(bitsOf(part));
    const [scrolled] = await listed(points.scroll({ withVector: true }));
    expect(bitsOf(scrolled?.vector)).toEqual(bitsOf(part));
  });

  test('numbers in an array are rounded to floats', async () => {
    await points.upsert([{ id: 1, vector: [0.1, 0.2, 0.3, -0] }]);
    const [stored] = await points.get([1], { withVector: true });
    expect(stored?.vector).toEqual(Float32Array.of(0.1, 0.2, 0.3, -0));
  });

  test('a payload comes back as it was given', async () => {
    const text = `{"__proto__":{"x":1},"n":null,"t":"Zürich 🎈","f":1.5,"i":-7,"b":true,"l":[1,[],{"":"e"}],"o":{}}`;
    const payload = { ...JSON.parse(text), big: 2n ** 62n, huge: 1e300, gone: undefined };
    Object.defineProperty(payload, '__proto__', { value: { x: 1 }, enumerable: true });
    await points.upsert([{ id: 1, vector, payload }]);
    const [stored] = await points.get([1]);
    const expected = { ...JSON.parse(text), big: 2n ** 62n, huge: 1e300 };
    Object.defineProperty(expected, '__proto__', { value: { x: 1 }, enumerable: true });
    expect(sorted(stored?.payload)).toEqual(sorted(expected));
    expect(Object.hasOwn(stored?.payload ?? {}, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(stored?.payload)).toBe(Object.prototype);
  });

  test('-0 stays what it is in a payload', async () => {
    await points.upsert([{ id: 1, vector, payload: { zero: -0 } }]);
    expect((await points.get([1]))[0]?.payload).toEqual({ zero: -0 });
  });

  test.each([
    ['a list', [1], 'payload: must be a plain object'],
    ['a map', new Map([['a', 1]]), 'payload: must be a plain object'],
    ['NaN', { a: { b: Number.NaN } }, 'payload.a.b: NaN is not JSON'],
    ['a date', { a: [new Date(0)] }, 'payload.a[0]: a Date is not plain JSON'],
    ['a function', { a: () => 1 }, 'payload.a: a function is not JSON'],
    ['half of an emoji', { a: '\ud83c' }, 'payload.a: holds half of a character'],
  ])('%s is refused as a payload, or in one', async (_what, payload, message) => {
    const point = { id: 1, vector, payload } as unknown as PointInput;
    await expect(points.upsert([point])).rejects.toThrow(`points[0].${message}`);
  });

  test('a payload that contains itself is refused', async () => {
    const payload: Record<string, unknown> = {};
    payload.self = payload;
    const point = { id: 1, vector, payload } as unknown as PointInput;
    await expect(points.upsert([point])).rejects.toThrow(/nested deeper than/);
  });

  test('are found, counted, changed and deleted by filters', async () => {
    const { match, range, none, any, hasId } = filters;
    await points.upsert(
      [1, 2, 3, 4].map((id) => ({ id, vector, payload: { n: id, lang: id % 2 ? 'de' : 'en' } })),
    );
    expect(await points.count()).toBe(4);
    expect(await points.count({ filter: { must: [match('lang', 'de')] } })).toBe(2);
    expect(await points.count({ filter: { must: [match('n', [1, 2]), none(match('lang', 'en'))] } })).toBe(1);
    expect(await points.count({ filter: { should: [range('n', { gte: 4 }), hasId(1)] } })).toBe(2);
    await points.setPayload({ ids: [1] }, { x: 1 });
    await points.setPayload({ filter: { must: [hasId(1)] } }, { y: [true] }, { key: 'o' });
    expect((await points.get([1]))[0]?.payload).toEqual({ n: 1, lang: 'de', x: 1, o: { y: [true] } });
    await points.delete({ filter: { must: [any(match('n', 2), match('n', 3))] } });
    await points.delete({ ids: [4n] });
    expect((await listed(points.scroll())).map(({ id }) => id)).toEqual([1n]);
  });

  test('a filter with an unknown member and a selection of nothing are refused', async () => {
    const filter = { must_not: [filters.match('a', 1)] } as object;
    await expect(points.delete({ filter })).rejects.toThrow('filter.must_not');
    await expect(points.delete({} as { ids: [] })).rejects.toThrow('either ids or a filter');
  });

  test('search and query give the nearest first, with what was asked for', async () => {
    await points.upsert([
      { id: 1, vector: [1, 0, 0, 0], payload: { a: 1, b: 1 } },
      { id: uuid, vector: [2, 0, 0, 0], payload: { a: 2, b: 2 } },
      { id: 3, vector: [0, 1, 0, 0] },
    ]);
    const near = Float32Array.of(1, 0, 0, 0);
    expect(await points.search(near, { limit: 2, withPayload: ['a'], withVector: true })).toEqual([
      { id: uuid, score: 2, payload: { a: 2 }, vector: Float32Array.of(2, 0, 0, 0) },
      { id: 1n, score: 1, payload: { a: 1 }, vector: near },
    ]);
    expect(await points.search(near, { offset: 1, scoreThreshold: 0.5, withPayload: false })).toEqual([
      { id: 1n, score: 1, payload: {}, vector: undefined },
    ]);
    expect((await points.queryById(1, { limit: 1 })).map(({ id }) => id)).toEqual([uuid]);
  });

  test('an export gives all points, and may be left in the middle', async () => {
    await points.upsertAll(Array.from({ length: 3000 }, (_, id) => ({ id, vector, payload: { id } })));
    const exported = await listed(points.exportAll());
    expect(exported.map(({ id, payload }) => [id, payload.id])).toEqual(
      Array.from({ length: 3000 }, (_, id) => [BigInt(id), id]),
    );
    for await (const { id } of points.exportAll()) if (id === 10n) break;
    expect(await points.count()).toBe(3000);
  });
});

describe('errors', () => {
  test('say what was wrong, for programs and for people', async () => {
    const short = { id: 7, vector: Float32Array.of(1, 2) };
    const error = await failureOf(points.upsert([{ id: 1, vector }, short]));
    expect(error).toMatchObject({
      name: 'VectorGatewayError',
      code: Code.INVALID_ARGUMENT,
      reason: 'VECTOR_DIMENSION_MISMATCH',
      indeterminate: false,
      retryDelayMs: undefined,
      requestId: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(error.violations).toEqual([
      expect.objectContaining({ field: 'points[1].vector', reason: 'VECTOR_DIMENSION_MISMATCH' }),
    ]);
    expect(error.message).toContain('points[1].vector');
  });

  test('a collection that is not there', async () => {
    const error = await failureOf(client.points('none').search(vector));
    expect(error).toMatchObject({ code: Code.NOT_FOUND, reason: 'COLLECTION_NOT_FOUND' });
    const exported = await failureOf(listed(client.points('none').exportAll()));
    expect(exported).toMatchObject({ code: Code.NOT_FOUND, reason: 'COLLECTION_NOT_FOUND' });
  });

  test('a gateway that is not there', async () => {
    const nobody = createClient({ address: '127.0.0.1:1', tenant: '42' });
    const error = await failureOf(nobody.points('docs').count());
    expect(error).toMatchObject({ code: Code.UNAVAILABLE, reason: undefined });
    nobody.close();
  });

  test.each([
    ['an address with a scheme', { address: 'http://127.0.0.1:50051', tenant: '42' }, /host:port/],
    ['no tenant', { address: '127.0.0.1:50051', tenant: '' }, /tenant/],
    ['a deadline of nothing', { address: '127.0.0.1:50051', tenant: '42', deadlineMs: 0 }, /deadlineMs/],
  ])('%s is refused at once', (_what, options, message) => {
    expect(() => createClient(options)).toThrow(message);
  });
});

test('a key goes with every call', async () => {
  const keyed = await startTestGateway({
    keys: [
      { name: 'k', key: 'secret-secret-secret', tenants: ['nobody'], scopes: ['read', 'write', 'admin'] },
    ],
  });
  const withKey = createClient({ address: keyed.address, tenant: 'nobody', apiKey: 'secret-secret-secret' });
  const without = createClient({ address: keyed.address, tenant: '42' });
  expect(await listed(withKey.collections.list())).toEqual([]);
  const error = await failureOf(listed(without.collections.list()));
  expect(error).toMatchObject({ code: Code.UNAUTHENTICATED, reason: 'CREDENTIAL_MISSING' });
  withKey.close();
  without.close();
  await keyed.close();
});

test('TLS with an authority of its own', async () => {
  const [cert, key] = [certFile('localhost'), keyFile('localhost')];
  const secured = await startTestGateway({ env: { TLS_CERT_FILE: cert, TLS_KEY_FILE: key } });
  const address = secured.address.replace('127.0.0.1', 'localhost');
  const trusting = createClient({ address, tenant: 'nobody', tls: { ca: readFileSync(cert) } });
  const wary = createClient({ address, tenant: '42', tls: true });
  expect(await listed(trusting.collections.list())).toEqual([]);
  expect(await failureOf(listed(wary.collections.list()))).toMatchObject({ code: Code.UNAVAILABLE });
  trusting.close();
  wary.close();
  await secured.close();
});

describe('a signal', () => {
  const reason = new Error('no longer wanted');

  test('that is aborted already makes no call', async () => {
    const signal = AbortSignal.abort(reason);
    await expect(points.count({ signal })).rejects.toBe(reason);
    await expect(listed(points.exportAll({ signal }))).rejects.toBe(reason);
    await expect(points.upsertAll([{ id: 1, vector }], { signal })).rejects.toBe(reason);
    expect(await points.count()).toBe(0);
  });

  test('cancels a call under way, and its deadline ends it without one', async () => {
    const peer = await startStalledPeer();
    const stalled = createClient({ address: peer.address, tenant: '42' });
    const controller = new AbortController();
    const counted = stalled.points('docs').count({ signal: controller.signal });
    const cancelled = peer.cancelled();
    await peer.called();
    controller.abort(reason);
    await expect(counted).rejects.toBe(reason);
    await cancelled;
    const error = await failureOf(stalled.points('docs').count({ deadlineMs: 50 }));
    expect(error).toMatchObject({ code: Code.DEADLINE_EXCEEDED });
    stalled.close();
    peer.close();
  });

  test('ends an export in the middle', async () => {
    await points.upsertAll(Array.from({ length: 3000 }, (_, id) => ({ id, vector })));
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      for await (const _ of points.exportAll({ signal: controller.signal })) controller.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
  });
});

function bitsOf(floats: Float32Array | undefined): number[] {
  if (floats === undefined) return [];
  return [...new Uint32Array(floats.buffer.slice(floats.byteOffset, floats.byteOffset + floats.byteLength))];
}

// Maps of the protocol have no order; toEqual does not see a key named __proto__.
function sorted(payload: object | undefined): unknown {
  return Object.entries(payload ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
