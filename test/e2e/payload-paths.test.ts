import { isJsonPath } from '../../src/wire/json-path.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { JsonTenant } from '../support/json-tenant.js';

let gateway: TestGateway;
let tenant: JsonTenant;
beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = new JsonTenant(gateway.address, 'payload-paths');
  await tenant.call('CreateCollection', { collection: 'docs', vector_size: 2 });
});
afterAll(async () => {
  tenant?.close();
  await gateway?.close();
});

const docs = { collection: 'docs' };
const nearest = { ...docs, vector: [1, 0] };
const one = { points_selector: { points: { ids: [{ num: 1 }] } } };
const must = (condition: object) => ({ filter: { must: [condition] } });

const good = ['a', 'a.b', 'a[].b', 'a[3].b', 'Größe', '"odd key".b', '""', 'a-b_c1', '१.x'];
const bad = ['', ' a', 'a b', 'a..b', '.a', 'a.', 'a[', 'a[x]', 'a[-1]', '"a', 'a"b"', '$.a', '"a\\b"'];

test.each(good)('the gateway and the backend read %j as a path', async (path) => {
  expect(isJsonPath(path)).toBe(true);
  await tenant.call('CountPoints', { ...docs, ...must({ is_null: { key: path } }) });
});

test.each(bad)('%j is no path', (path) => {
  expect(isJsonPath(path)).toBe(false);
});

test('a path of many steps is judged in the time of its length', () => {
  expect(isJsonPath(`${'a.'.repeat(2047)}!`)).toBe(false);
  expect(isJsonPath('a'.repeat(5000))).toBe(false);
});

test.each([
  ['CountPoints', must({ field: { key: 'a b', match: { keyword: 'x' } } }), 'filter.must[0].field.key'],
  ['CountPoints', must({ is_empty: { key: 'a..b' } }), 'filter.must[0].is_empty.key'],
  ['CountPoints', must({ is_null: { key: 'a[' } }), 'filter.must[0].is_null.key'],
  [
    'CountPoints',
    must({ nested: { key: '.a', filter: { must: [{ is_null: { key: 'b' } }] } } }),
    'filter.must[0].nested.key',
  ],
])('%s refuses a bad path in a filter by its place: %j', async (rpc, request, field) => {
  const failure = await tenant.failure(rpc, { ...docs, ...request });
  expect(failure).toMatchObject({ code: 3, reason: 'FILTER_INVALID', violations: [{ field }] });
});

const selected = (selector: object) => ({ with_payload: selector });

test.each([
  [
    'SearchPoints',
    { ...nearest, ...selected({ include: { fields: ['a', 'b c'] } }) },
    'with_payload.include.fields[1]',
  ],
  ['QueryPoints', selected({ exclude: { fields: ['b c'] } }), 'with_payload.exclude.fields[0]'],
  ['ScrollPoints', selected({ include: { fields: [''] } }), 'with_payload.include.fields[0]'],
  ['ScrollPoints', selected({}), 'with_payload'],
  [
    'GetPoints',
    { ids: [{ num: 1 }], ...selected({ include: { fields: ['x['] } }) },
    'with_payload.include.fields[0]',
  ],
  ['SetPayload', { ...one, payload_struct: { a: 1 }, key: 'a b' }, 'key'],
  ['DeletePayload', { ...one, keys: ['a', 'b c'] }, 'keys[1]'],
  ['CreatePayloadIndex', { field_name: 'a b', field_type: 'FIELD_TYPE_KEYWORD' }, 'field_name'],
  ['DeletePayloadIndex', { field_name: 'a b' }, 'field_name'],
  ['QueryPoints', { score_threshold: 0.5 }, 'score_threshold'],
  ['CreateCollection', { collection: 'new', hnsw_config: { ef_construct: 3 } }, 'hnsw_config.ef_construct'],
  [
    'UpdateCollection',
    { optimizers_config: { vacuum_min_vector_number: 99 } },
    'optimizers_config.vacuum_min_vector_number',
  ],
])('%s refuses %j by the field', async (rpc, request, field) => {
  const failure = await tenant.failure(rpc, { ...docs, ...request });
  expect(failure).toMatchObject({ code: 3, reason: 'FIELD_INVALID', violations: [{ field }] });
});
