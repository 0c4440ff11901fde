import { create, fromBinary } from '@bufbuild/protobuf';
import { Metadata } from '@grpc/grpc-js';
import { HealthCheckReplySchema } from '@qdrant/js-client-grpc';
import { metadataOf } from '../support/clients.js';
import { callWithRawHeaders } from '../support/raw-metadata.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { reservedRpcs } from './qdrant-rows.js';
import { cases } from './rpcs.js';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
  onlyCollection(ground.peer, 'company_42_docs', 'company_7_docs');
});
afterAll(() => ground.close());
beforeEach(() => {
  ground.peer.calls.length = 0;
});

type Headers = readonly (readonly [string, Buffer | string])[];
const header = (...values: (Buffer | string)[]): Headers => values.map((value) => ['x-company-id', value]);

const missing: [string, Headers][] = [
  ['is missing', []],
  ['is empty', header('')],
  ['comes as a -bin twin only', [['x-company-id-bin', Buffer.from('42').toString('base64')]]],
  ['is spelt with underscores', [['x_company_id', '42']]],
  ['is spelt without a dash', [['x-companyid', '42']]],
  ['has another prefix', [['company-id', '42']]],
  ['has a longer name', [['x-company-id-2', '42']]],
];
const invalid: [string, Headers][] = [
  ['is given twice', header('42', '7')],
  ['is given twice with one value', header('42', '42')],
  ['is given twice, first empty', header('', '42')],
  ['is joined with a comma', header('42,7')],
  ['is joined with a comma and a space', header('42, 7')],
  ['is a path', header('../42')],
  ['has the physical prefix', header('company_42')],
  ['has an underscore', header('4_2')],
  ['is in upper case', header('ACME')],
  ['is percent-encoded', header('%34%32')],
  ['begins with a dash', header('-42')],
  ['is of 64 characters', header('a'.repeat(64))],
  ['is of 8 KiB', header('a'.repeat(8192))],
  ['is not valid UTF-8', header(Buffer.from([0xc3, 0x28]))],
  ['has full-width digits', header('\uff14\uff12')],
  ['has one byte of Latin-1', header(Buffer.from([0x34, 0xb2]))],
  ['is good, and given again as bad UTF-8', header('42', Buffer.from([0xff]))],
  ['is bad UTF-8, and given again as a good one', header(Buffer.from([0xff]), '42')],
];
const faults = [
  ...missing.map(([name, headers]) => ({ name, headers, reason: 'TENANT_ID_MISSING', code: 16 })),
  ...invalid.map(([name, headers]) => ({ name, headers, reason: 'TENANT_ID_INVALID', code: 3 })),
];

// Bytes that no decoder takes: an answer about the header shows that none was asked.
const undecodable = Buffer.from([0xff, 0xff, 0xff]);

describe.each(faults)('a tenant header that $name', ({ headers, reason, code }) => {
  test.each(cases)('is refused by $name before anything is decoded or sent', async ({ path }) => {
    const outcome = await callWithRawHeaders(ground.gateway.address, path, headers, undecodable);
    expect([outcome.code, outcome.error?.reason]).toEqual([code, reason]);
    expect(outcome.message).toContain('x-company-id');
    expect(ground.peer.calls).toEqual([]);
  });
});

test.each(cases)(
  '$name with a good header does decode: the bytes above are refused as malformed',
  async (rpc) => {
    const outcome = await ground.as('42', rpc, undecodable);
    expect([outcome.code, outcome.error?.reason]).toEqual([3, 'REQUEST_MALFORMED']);
    expect(ground.peer.calls).toEqual([]);
  },
);

test('a header over the metadata limit is refused as that', async () => {
  const [rpc] = cases;
  const outcome = await ground.as('a'.repeat(20_000), rpc ?? fail(), undecodable);
  expect([outcome.code, outcome.error?.reason]).toEqual([8, 'METADATA_TOO_LARGE']);
});

test('a header name in capitals, which HTTP/2 forbids, ends the call before it begins', async () => {
  const [rpc] = cases;
  const headers = [['X-Company-Id', '42']] as const;
  const call = callWithRawHeaders(ground.gateway.address, rpc?.path ?? '', headers, undecodable);
  const ended = await call.then(
    ({ code }) => code,
    () => 'connection or stream ended',
  );
  expect(ended).not.toBe(0);
  expect(ground.peer.calls).toEqual([]);
});

test('a -bin twin beside the header changes nothing: the header decides', async () => {
  const search = cases.find(({ sends }) => sends === 'Points/Search') ?? fail();
  const metadata = metadataOf(['x-company-id', '7']);
  metadata.set('x-company-id-bin', Buffer.from('42'));
  await ground.client.call(search, search.request('docs'), metadata);
  expect(new Set(ground.peer.calls.map(({ collection }) => collection))).toEqual(new Set(['company_7_docs']));
});

test('where the operator named another header, the default one counts for nothing', async () => {
  const other = await startGround({ env: { TENANT_HEADER: 'x-org' } });
  onlyCollection(other.peer, 'company_42_docs', 'company_7_docs');
  for (const rpc of cases) {
    const outcome = await other.as('42', rpc, rpc.request('docs'));
    expect([rpc.name, outcome.error?.reason]).toEqual([rpc.name, 'TENANT_ID_MISSING']);
  }
  expect(other.peer.calls).toEqual([]);
  const list = cases.find(({ name }) => name.endsWith('/ListCollections')) ?? fail();
  expect((await other.as('42', list, list.request(''), ['x-org', '7'])).code).toBe(0);
  await other.close();
});

test.each([
  ['health', '/grpc.health.v1.Health/Check', Buffer.alloc(0)],
  ['reflection v1', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', Buffer.from([0x3a, 0])],
  [
    'reflection v1alpha',
    '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
    Buffer.from([0x3a, 0]),
  ],
])('%s answers without a header, and with a bad one', async (_name, path, request) => {
  for (const headers of [[], header('../42')]) {
    expect((await callWithRawHeaders(ground.gateway.address, path, headers, request)).code).toBe(0);
  }
});

const qdrantPaths = cases.map(({ path }) => path).filter((path) => path.startsWith('/qdrant.'));

// Refused on the metadata alone, the services of Qdrant are no way around the header.
test.each(qdrantPaths)('%s asks for a tenant like any other', async (path) => {
  const rpc = { path, requestStream: false, responseStream: false };
  const outcome = await ground.client.call(rpc, Buffer.from('\n\x0fcompany_42_docs'), new Metadata());
  expect(outcome.error?.reason).toBe('TENANT_ID_MISSING');
  expect(ground.peer.calls).toEqual([]);
});

test.each([...reservedRpcs])('qdrant.%s is refused to every tenant, whatever it asks', async (name) => {
  const rpc = { path: `/qdrant.${name}`, requestStream: false, responseStream: false };
  for (const request of [Buffer.alloc(0), Buffer.from('\n\x04docs'), Buffer.from([255])]) {
    const outcome = await ground.client.call(rpc, request, metadataOf(['x-company-id', '7']));
    expect([outcome.code, outcome.error?.reason]).toEqual([7, 'OPERATION_RESERVED']);
  }
  expect(ground.peer.calls).toEqual([]);
});

test('qdrant.Qdrant/HealthCheck tells the version to anybody, and nothing else', async () => {
  const rpc = { path: '/qdrant.Qdrant/HealthCheck', requestStream: false, responseStream: false };
  const outcome = await ground.client.call(rpc, Buffer.alloc(0), new Metadata());
  expect(fromBinary(HealthCheckReplySchema, outcome.reply ?? Buffer.alloc(0))).toEqual(
    create(HealthCheckReplySchema, { title: 'qdrant - vector search engine', version: '1.18.3' }),
  );
});

test('a path that merely resembles one of an RPC is none', async () => {
  for (const { path } of cases) {
    for (const odd of [
      `${path}/`,
      path.toLowerCase(),
      `/${path}`,
      path.replace('v1', 'v2').replace('qdrant', 'qdrant.v1'),
      `${path}?x=1`,
    ]) {
      const rpc = { path: odd, requestStream: false, responseStream: false };
      expect([odd, (await ground.client.call(rpc, Buffer.alloc(0), new Metadata())).code]).toEqual([odd, 12]);
    }
  }
});

function fail(): never {
  throw new Error('no such row');
}
