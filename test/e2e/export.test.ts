import type { ServiceError } from '@grpc/grpc-js';
import { ExportPointsRequest, ExportPointsResponse } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, type Clients, connectClients, readTypedError } from '../support/clients.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { JsonTenant } from '../support/json-tenant.js';
import { connectStreamClient } from '../support/upsert-stream-client.js';

let gateway: TestGateway;
let clients: Clients;
let tenant: JsonTenant;
const uuid = '6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091';

beforeAll(async () => {
  gateway = await startTestGateway();
  clients = connectClients(gateway.address);
  tenant = new JsonTenant(gateway.address, 'export');
  await tenant.call('CreateCollection', { collection: 'docs', vector_size: 4, distance: 'DISTANCE_DOT' });
  const points = Array.from({ length: 700 }, (_, num) => ({
    id: { num },
    vector: [num, -0, 0.5, 1],
    payload_struct: { section: num % 2 === 0 ? 'even' : 'odd', 'odd key': [1, 2.5, null, { deep: '' }], num },
  }));
  points.push({ id: { uuid } as never, vector: [1, 2, 3, 4], payload_struct: {} as never });
  await tenant.call('UpsertPoints', { collection: 'docs', points });
});
afterAll(async () => {
  tenant?.close();
  clients?.close();
  await gateway?.close();
});

interface Exported {
  readonly messages: ExportPointsResponse[];
  readonly error: ServiceError | undefined;
}

/** All messages, or those until `stopAfter` messages have come. */
function exported(fields: object, stopAfter = Number.POSITIVE_INFINITY, as = 'export'): Promise<Exported> {
  const call = clients.points.exportPoints(
    ExportPointsRequest.fromPartial({ collection: 'docs', ...fields }),
    asTenant(as),
  );
  const messages: ExportPointsResponse[] = [];
  return new Promise((resolve) => {
    let error: ServiceError | undefined;
    call.on('data', (message: ExportPointsResponse) => {
      messages.push(message);
      if (messages.length >= stopAfter) call.cancel();
    });
    call.on('error', (failure: ServiceError) => {
      error = failure;
    });
    call.on('status', () => setImmediate(() => resolve({ messages, error })));
  });
}

const idsOf = (messages: readonly ExportPointsResponse[]): string[] =>
  messages.flatMap(({ points }) => points.map(({ id }) => String(id?.pointIdOptions?.value)));

test('what is exported, stored again, is the same collection', async () => {
  const { messages, error } = await exported({});
  expect(error).toBeUndefined();
  expect(idsOf(messages)).toEqual([...Array.from({ length: 700 }, (_, num) => String(num)), uuid]);
  await tenant.call('CreateCollection', { collection: 'copy', vector_size: 4, distance: 'DISTANCE_DOT' });
  const stream = connectStreamClient(gateway.address, 'export');
  const bytes = messages.map((message) =>
    Buffer.from(ExportPointsResponse.encode({ ...message, collection: 'copy', cursor: '' }).finish()),
  );
  expect(await stream.run(bytes)).toMatchObject({ code: 0, summary: { upserted: 701n, rejected: 0n } });
  stream.close();
  const read = (collection: string) =>
    tenant.call('ScrollPoints', { collection, limit: 1000, with_vectors: { enable: true } });
  expect(await read('copy')).toEqual(await read('docs'));
});

test('an export that was broken off goes on after the cursor of the last message', async () => {
  const first = await exported({}, 1);
  const cursor = first.messages[0]?.cursor;
  const rest = await exported({ cursor });
  const ids = [...idsOf(first.messages.slice(0, 1)), ...idsOf(rest.messages)];
  expect(ids).toEqual(idsOf((await exported({})).messages));
  expect(rest.messages.at(-1)?.cursor).toBe('');
});

test('filter, selectors and plain JSON are those of a scroll', async () => {
  const odd = {
    conditionOneOf: {
      $case: 'field',
      value: { key: 'section', match: { matchValue: { $case: 'keyword', value: 'odd' } } },
    },
  };
  const { messages } = await exported({
    filter: { must: [odd] },
    withPayload: { asStruct: true },
    withVectors: { selectorOptions: { $case: 'enable', value: false } },
  });
  const points = messages.flatMap((message) => message.points);
  expect(points).toHaveLength(350);
  expect(
    points.every(({ vectors, payloadStruct }) => vectors === undefined && payloadStruct?.section === 'odd'),
  ).toBe(true);
});

test('a page that is too large for a reply is read in smaller ones', async () => {
  await tenant.call('CreateCollection', { collection: 'wide', vector_size: 2 });
  for (let batch = 0; batch < 5; batch += 1) {
    const points = Array.from({ length: 20 }, (_, at) => ({
      id: { num: batch * 20 + at },
      vector: [1, 0],
      payload_struct: { text: 'x'.repeat(900_000) },
    }));
    await tenant.call('UpsertPoints', { collection: 'wide', points });
  }
  const { messages, error } = await exported({ collection: 'wide' });
  expect(error).toBeUndefined();
  expect(idsOf(messages)).toEqual(Array.from({ length: 100 }, (_, num) => String(num)));
  expect(messages.length).toBeGreaterThan(10);
}, 60_000);

test.each([
  ['a cursor that is no cursor', { cursor: 'zzz' }, 'PAGE_TOKEN_INVALID'],
  [
    'a cursor of another collection',
    { cursor: Buffer.from('other.\x08\x05').toString('base64url') },
    'PAGE_TOKEN_INVALID',
  ],
  ['a collection that is not there', { collection: 'none' }, 'COLLECTION_NOT_FOUND'],
])('%s is refused', async (_what, fields, reason) => {
  const { error, messages } = await exported(fields);
  expect(error === undefined ? undefined : readTypedError(error.metadata)?.reason).toBe(reason);
  expect(messages).toEqual([]);
});

test("another tenant's collection of this name does not exist", async () => {
  const { error } = await exported({}, 1, 'stranger');
  expect(error?.code).toBe(5);
});
