import { SearchPointsRequest, UpsertPointsRequest } from '../../src/gen/vectorgateway/v1/points_service.js';
import type { Outcome } from '../support/clients.js';
import { lengthField, varintField } from '../support/wire-bytes.js';
import { dataCalls, type Ground, onlyCollection, startGround } from './ground.js';
import { cases } from './rpcs.js';

const [search] = cases.filter(({ sends }) => sends === 'Points/Search');
const [upsert] = cases.filter(({ name }) => name === 'PointsService/UpsertPoints');
if (search === undefined || upsert === undefined) throw new Error('no rows for search and upsert');

let ground: Ground;
const open: Ground[] = [];
async function startWithTtl(ttlMs: number): Promise<void> {
  ground = await startGround({ env: { FACTS_TTL_MS: String(ttlMs) } });
  open.push(ground);
  onlyCollection(ground.peer, 'company_7_docs');
}
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const vectorOf = (size: number): number[] => Array.from({ length: size }, (_, index) => index + 1);
const searchWith = (size: number, collection = 'docs'): Promise<Outcome> => {
  const message = SearchPointsRequest.fromPartial({ collection, vector: vectorOf(size) });
  return ground.as('7', search, Buffer.from(SearchPointsRequest.encode(message).finish()));
};
const upsertWith = (size: number): Promise<Outcome> => {
  const id = { pointIdOptions: { $case: 'num' as const, value: 1n } };
  const message = UpsertPointsRequest.fromPartial({
    collection: 'docs',
    points: [{ id, vector: vectorOf(size) }],
  });
  return ground.as('7', upsert, Buffer.from(UpsertPointsRequest.encode(message).finish()));
};
const lookUps = (): number => ground.peer.calls.filter(({ method }) => method === 'Collections/Get').length;
const recreate = (vectorSize: number): void => {
  ground.peer.collections.set('company_7_docs', { vectorSize, distance: 1, points: 0 });
};

describe('facts of a collection', () => {
  test('are asked once for many calls', async () => {
    await startWithTtl(60_000);
    for (let call = 0; call < 5; call++) expect((await searchWith(4)).code).toBe(0);
    expect(lookUps()).toBe(1);
  });

  test('are asked again when their time to live has passed', async () => {
    await startWithTtl(0);
    for (let call = 0; call < 3; call++) expect((await searchWith(4)).code).toBe(0);
    expect(lookUps()).toBe(3);
  });

  test('of a missing collection are not remembered: it is seen as soon as it is there', async () => {
    await startWithTtl(60_000);
    expect((await searchWith(4, 'later')).error?.reason).toBe('COLLECTION_NOT_FOUND');
    expect(dataCalls(ground.peer.calls)).toEqual([]);
    ground.peer.collections.set('company_7_later', { vectorSize: 4, distance: 1, points: 0 });
    expect((await searchWith(4, 'later')).code).toBe(0);
  });

  test.each([
    ['search', searchWith],
    ['upsert', upsertWith],
  ])(
    'a %s that fits a collection re-created elsewhere with another size is let through',
    async (_name, call) => {
      await startWithTtl(60_000);
      expect((await call(4)).code).toBe(0);
      recreate(3);
      expect((await call(3)).code).toBe(0);
      expect((await call(4)).error?.reason).toBe('VECTOR_DIMENSION_MISMATCH');
    },
  );

  test('a call that fits the size of before is refused by the backend once, then by the gateway', async () => {
    await startWithTtl(60_000);
    expect((await searchWith(4)).code).toBe(0);
    recreate(3);
    const details = 'Wrong input: Vector dimension error: expected dim: 3, got 4';
    ground.peer.failWith('Points/Search', { code: 3, details });
    const byBackend = await searchWith(4);
    ground.peer.failWith('Points/Search', undefined);
    expect(byBackend.code).toBe(3);
    expect(byBackend.message).not.toContain('company_');
    ground.peer.calls.length = 0;
    expect((await searchWith(4)).error?.reason).toBe('VECTOR_DIMENSION_MISMATCH');
    expect(dataCalls(ground.peer.calls)).toEqual([]);
  });

  test('a deletion elsewhere costs one data call, which the backend refuses, and no second one', async () => {
    await startWithTtl(60_000);
    expect((await searchWith(4)).code).toBe(0);
    ground.peer.collections.delete('company_7_docs');
    expect((await searchWith(4)).error?.reason).toBe('COLLECTION_NOT_FOUND');
    ground.peer.calls.length = 0;
    expect((await searchWith(4)).error?.reason).toBe('COLLECTION_NOT_FOUND');
    expect(dataCalls(ground.peer.calls)).toEqual([]);
  });

  test("a tenant's own deletion is known at once", async () => {
    await startWithTtl(60_000);
    const [deletion] = cases.filter(({ sends }) => sends === 'Collections/Delete');
    if (deletion === undefined) throw new Error('no row sends Collections/Delete');
    expect((await searchWith(4)).code).toBe(0);
    expect((await ground.as('7', deletion, deletion.request('docs'))).code).toBe(0);
    ground.peer.calls.length = 0;
    expect((await searchWith(4)).error?.reason).toBe('COLLECTION_NOT_FOUND');
    expect(dataCalls(ground.peer.calls)).toEqual([]);
  });

  test("another tenant's facts decide nothing: sizes of one name are each tenant's own", async () => {
    await startWithTtl(60_000);
    ground.peer.collections.set('company_42_docs', { vectorSize: 3, distance: 1, points: 0 });
    const message = SearchPointsRequest.fromPartial({ collection: 'docs', vector: vectorOf(3) });
    const request = Buffer.from(SearchPointsRequest.encode(message).finish());
    expect((await ground.as('42', search, request)).code).toBe(0);
    expect((await searchWith(4)).code).toBe(0);
    expect((await ground.as('7', search, request)).error?.reason).toBe('VECTOR_DIMENSION_MISMATCH');
  });
});

// Each call may add to the metadata; decoded for every look-up, it would hold up the calls of all tenants.
test('what a collection keeps as metadata is not read for what must be known of it', async () => {
  await startWithTtl(60_000);
  ground.peer.answerWith(({ method }) => {
    if (method !== 'Collections/Get') return undefined;
    const params = lengthField(5, lengthField(1, Buffer.concat([varintField(1, 4), varintField(2, 1)])));
    const unreadable = lengthField(7, lengthField(2, Buffer.from([0xff])));
    return lengthField(1, lengthField(7, Buffer.concat([lengthField(1, params), unreadable])));
  });
  expect((await searchWith(4)).message).toBe('OK');
  expect((await searchWith(3)).error?.reason).toBe('VECTOR_DIMENSION_MISMATCH');
  const [get] = cases.filter(({ name }) => name === 'CollectionsService/GetCollection');
  if (get === undefined) throw new Error('no row for GetCollection');
  expect((await ground.as('7', get, get.request('docs'))).message).toBe('OK');
});
