import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { metadataOf, RawClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { type CertificateName, certFile, keyFile } from '../support/test-tls.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { cases, type PublicRpc } from './rpcs.js';

const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-certificates-'));
const mapping = join(folder, 'certificates.json');
const ingest = {
  name: 'ingest',
  subject: { CN: 'ingest', O: 'Example', OU: 'Data' },
  tenants: ['7', '8'],
  scopes: ['read', 'write'],
};
const map = (...certificates: object[]) => writeFileSync(mapping, JSON.stringify({ certificates }));
map(ingest);

const tls = {
  TLS_CERT_FILE: certFile('localhost'),
  TLS_KEY_FILE: keyFile('localhost'),
  TLS_CLIENT_CA_FILE: certFile('callers-ca'),
};
const scopes = ['read', 'admin'] as const;
const keys = [{ name: 'reader', key: 'the-key-of-the-reader', tenants: ['8', '9'], scopes }];

let strict: Ground;
let lenient: Ground;
beforeAll(async () => {
  strict = await startGround({ env: { ...tls, CLIENT_CERTS_FILE: mapping } });
  const env = {
    ...tls,
    CLIENT_CERTS_FILE: mapping,
    TLS_CLIENT_CERT: 'optional',
    AUTH_FAILURES_PER_MINUTE: '0',
  };
  lenient = await startGround({ keys, env });
});
afterAll(async () => {
  await strict.close();
  await lenient.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  for (const { peer } of [strict, lenient])
    onlyCollection(peer, 'company_7_docs', 'company_8_docs', 'company_9_docs');
});

function clientWith(ground: Ground, name?: CertificateName): RawClient {
  const trusted = readFileSync(certFile('localhost'));
  const own = name === undefined ? [] : [readFileSync(keyFile(name)), readFileSync(certFile(name))];
  return new RawClient(ground.gateway.address, {}, credentials.createSsl(trusted, ...own));
}

const search = cases.find(({ name }) => name === 'PointsService/SearchPoints') ?? fail();

async function call(
  ground: Ground,
  certificate: CertificateName | undefined,
  tenant: string,
  key?: string,
  rpc: PublicRpc = search,
) {
  const client = clientWith(ground, certificate);
  const bearer = key === undefined ? [] : [['authorization', `Bearer ${key}`] as const];
  const request = rpc === search ? search.request('docs') : Buffer.from([0xff]);
  const outcome = await client.call(rpc, request, metadataOf(['x-company-id', tenant], ...bearer), {
    timeoutMs: 3_000,
  });
  client.close();
  return [outcome.code, outcome.error?.reason];
}

test('a certificate in the file is who it says, for its tenants and scopes', async () => {
  expect(await call(strict, 'ingest', '7')).toEqual([0, undefined]);
  expect(await call(strict, 'ingest', '9')).toEqual([7, 'TENANT_FORBIDDEN']);
  const admin = cases.find(({ needs }) => needs === 'admin') ?? fail();
  expect(await call(strict, 'ingest', '7', undefined, admin)).toEqual([7, 'SCOPE_FORBIDDEN']);
  expect(strict.gateway.logLines.join('')).toContain('"principal":"cert:ingest"');
});

test('without a certificate, or with one of another authority, there is no connection', async () => {
  expect(await call(strict, undefined, '7')).toEqual([14, undefined]);
  expect(await call(strict, 'client', '7')).toEqual([14, undefined]);
  expect(strict.peer.calls).toEqual([]);
});

test('a certificate that is not in the file is refused, and so is a key where none are known', async () => {
  expect(await call(strict, 'forger', '7')).toEqual([16, 'CREDENTIAL_INVALID']);
  expect(await call(strict, 'ingest', '7', 'any-key')).toEqual([16, 'CREDENTIAL_INVALID']);
});

test('where it is optional, a certificate of another authority counts as none', async () => {
  expect(await call(lenient, undefined, '7')).toEqual([16, 'CREDENTIAL_MISSING']);
  expect(await call(lenient, 'client', '7')).toEqual([16, 'CREDENTIAL_MISSING']);
  expect(await call(lenient, 'client', '8', 'the-key-of-the-reader')).toEqual([0, undefined]);
  expect(await call(lenient, 'ingest', '7')).toEqual([0, undefined]);
});

test('of a certificate and a key both must be good, and each narrows the other', async () => {
  const key = 'the-key-of-the-reader';
  expect(await call(lenient, undefined, '9', key)).toEqual([0, undefined]);
  expect(await call(lenient, 'ingest', '8', key)).toEqual([0, undefined]);
  for (const tenant of ['7', '9']) {
    expect(await call(lenient, 'ingest', tenant, key)).toEqual([7, 'TENANT_FORBIDDEN']);
  }
  for (const needs of ['write', 'admin']) {
    const rpc = cases.find((each) => each.needs === needs) ?? fail();
    expect(await call(lenient, 'ingest', '8', key, rpc)).toEqual([7, 'SCOPE_FORBIDDEN']);
  }
  expect(await call(lenient, 'ingest', '8', 'another-key')).toEqual([16, 'CREDENTIAL_INVALID']);
  expect(await call(lenient, 'forger', '8', key)).toEqual([16, 'CREDENTIAL_INVALID']);
});

test('a change of the file holds for connections that are open', async () => {
  const client = clientWith(strict, 'ingest');
  const search7 = () => client.call(search, search.request('docs'), metadataOf(['x-company-id', '7']));
  expect((await search7()).code).toBe(0);
  const refused = () =>
    eventually('it is refused', async () => (await search7()).error?.reason === 'CREDENTIAL_INVALID');
  const accepted = () => eventually('it is accepted', async () => (await search7()).code === 0);
  map({ ...ingest, subject: { CN: 'ingest', O: 'Example' } });
  await refused();
  map({ ...ingest, subject: undefined, uri: 'spiffe://example/ingest' });
  await accepted();
  // Known by two names.
  map({ ...ingest, subject: undefined, dns: 'ingest.example' }, { ...ingest, name: 'other' });
  await refused();
  map(ingest);
  await accepted();
  client.close();
});

function fail(): never {
  throw new Error('no such row');
}
