import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { JsonTenant } from '../support/json-tenant.js';
import {
  queryMessage,
  reasonOf,
  SearchStreamClient,
  searchMessage,
} from '../support/search-stream-client.js';
import { lengthField } from '../support/wire-bytes.js';

let gateway: TestGateway;
let tenant: JsonTenant;
let client: SearchStreamClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = new SearchStreamClient(gateway.address);
  tenant = new JsonTenant(gateway.address, '42');
  await tenant.call('CreateCollection', { collection: 'docs', vector_size: 2 });
  const points = [
    { id: { num: 1 }, vector: [1, 0], payload_struct: { title: 'one' } },
    { id: { num: 2 }, vector: [0, 1], payload_struct: { title: 'two' } },
  ];
  await tenant.call('UpsertPoints', { collection: 'docs', points });
});
afterAll(async () => {
  tenant?.close();
  client?.close();
  await gateway?.close();
});

test('answers searches and queries by their ids', async () => {
  const stream = client.open();
  stream.send(searchMessage('a', [1, 0], { limit: 1n, withPayload: { asStruct: true } }));
  stream.send(searchMessage('b', [0, 1], { limit: 1n }));
  const nearest = { variant: { $case: 'id', value: { pointIdOptions: { $case: 'num', value: 1n } } } };
  stream.send(queryMessage('c', { query: { variant: { $case: 'nearest', value: nearest } } }));
  stream.end();
  expect(await stream.ended).toEqual({ code: 0, reason: undefined });
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => stream.reply(id)));
  expect(a?.results[0]).toMatchObject({
    id: { pointIdOptions: { value: 1n } },
    score: 1,
    payloadStruct: { title: 'one' },
  });
  expect(b?.results[0]?.id).toEqual({ pointIdOptions: { $case: 'num', value: 2n } });
  expect(c?.results.map(({ id }) => id?.pointIdOptions?.value)).toEqual([2n]);
  expect(stream.replies).toHaveLength(3);
});

const idOf = (id: string): Buffer => lengthField(1, id);

test.each<readonly [string, (id: string) => Buffer, string, string]>([
  ['a wrong length', (id) => searchMessage(id, [1]), 'VECTOR_DIMENSION_MISMATCH', 'vector'],
  ['no vector', (id) => searchMessage(id, []), 'VECTOR_MISSING', 'vector'],
  ['a limit', (id) => searchMessage(id, [1, 0], { limit: 10_001n }), 'LIMIT_EXCEEDED', 'limit'],
  [
    'an unknown collection',
    (id) => searchMessage(id, [1, 0], { collection: 'none' }),
    'COLLECTION_NOT_FOUND',
    '',
  ],
  [
    'a bad name of a collection',
    (id) => searchMessage(id, [1, 0], { collection: '../docs' }),
    'COLLECTION_NAME_INVALID',
    'collection',
  ],
  ['an empty query', (id) => queryMessage(id, { query: {} }), 'FIELD_INVALID', 'query'],
  [
    'a search that is no message',
    (id) => Buffer.concat([idOf(id), lengthField(2, Buffer.from([0xff, 0xff]))]),
    'REQUEST_MALFORMED',
    '',
  ],
  ['neither a search nor a query', idOf, 'FIELD_INVALID', 'search'],
  [
    'both',
    (id) => Buffer.concat([searchMessage(id, [1, 0]), lengthField(3, lengthField(1, 'docs'))]),
    'FIELD_INVALID',
    'search',
  ],
  ['a torn message', (id) => Buffer.concat([idOf(id), Buffer.from([0x12, 0x7f])]), 'REQUEST_MALFORMED', ''],
  [
    'a field of the wrong type',
    (id) => Buffer.concat([idOf(id), Buffer.from([0x10, 1])]),
    'REQUEST_MALFORMED',
    '',
  ],
])('%s is answered with its status, and the stream goes on', async (_what, message, reason, field) => {
  const stream = client.open();
  stream.send(message('bad'));
  const bad = await stream.reply('bad');
  expect(bad.results).toEqual([]);
  expect(reasonOf(bad)).toBe(reason);
  if (field !== '') expect(bad.status?.message.startsWith(`${field}: `)).toBe(true);
  stream.send(searchMessage('good', [1, 0]));
  expect((await stream.reply('good')).results).toHaveLength(2);
  stream.end();
  expect((await stream.ended).code).toBe(0);
});

test.each([
  ['no id', searchMessage('', [1, 0])],
  ['an id of 65 bytes', searchMessage('x'.repeat(65), [1, 0])],
  ['an id that is not UTF-8', Buffer.concat([lengthField(1, Buffer.from([0xff])), lengthField(2, '')])],
])('%s is answered with an empty id', async (_what, message) => {
  const stream = client.open();
  stream.send(message);
  const reply = await stream.reply('');
  expect(reply.status?.message).toMatch(/^id: /);
  stream.end();
  expect((await stream.ended).code).toBe(0);
});

test('the status of a failure is that of the call alone', async () => {
  const stream = client.open();
  stream.send(searchMessage('x', [1, 2, 3]));
  const { status } = await stream.reply('x');
  const alone = await tenant.failure('SearchPoints', { collection: 'docs', vector: [1, 2, 3] });
  expect(status).toMatchObject({ code: alone.code, message: alone.message });
  stream.end();
  await stream.ended;
});

test("another tenant's collection is not there", async () => {
  const stream = client.open('7');
  stream.send(searchMessage('mine', [1, 0]));
  stream.send(searchMessage('theirs', [1, 0], { collection: 'company_42_docs' }));
  for (const id of ['mine', 'theirs']) expect(reasonOf(await stream.reply(id))).toBe('COLLECTION_NOT_FOUND');
  stream.end();
  await stream.ended;
});
