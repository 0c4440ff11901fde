import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFaultProxy } from '../support/fault-proxy.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { startHttp2Peer } from '../support/http2-peer.js';
import { JsonTenant } from '../support/json-tenant.js';
import { certFile, keyFile, serverTls } from '../support/test-tls.js';
import { startUpsertPeer } from '../support/upsert-peer.js';

// What an operator reads at start when the settings for Qdrant are wrong, and what callers hear meanwhile.

const quick = { POOL_CONNECT_TIMEOUT_MS: '500', BREAKER_OPEN_MS: '100' };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function gatewayTo(url: string, env: Readonly<Record<string, string>> = {}): Promise<TestGateway> {
  // The address only chooses that it is a Qdrant; QDRANT_URL says how it is reached.
  const gateway = await startTestGateway({
    backendAddress: '127.0.0.1:1',
    env: { ...quick, QDRANT_URL: url, ...env },
  });
  closers.push(gateway.close);
  return gateway;
}

const upsert = { collection: 'docs', points: [{ id: { num: 1 }, vector: [1, 2] }] };

function tenantOf(gateway: TestGateway): JsonTenant {
  const tenant = new JsonTenant(gateway.address, '42');
  closers.push(() => tenant.close());
  return tenant;
}

/** The line about the backend, and the failure of a call. */
async function heard(gateway: TestGateway) {
  const lines = gateway.logLines.filter((line) => line.includes('backend not usable'));
  expect(lines).toHaveLength(1);
  const failure = await tenantOf(gateway).failure('UpsertPoints', upsert);
  expect(failure.code).toBe(14);
  expect(failure.message).not.toMatch(/127\.0\.0\.1|ECONN|company_|certificate|secret/i);
  return { line: String(JSON.parse(lines[0] ?? '{}').msg), failure };
}

async function tlsPeer(credentials: ReturnType<typeof serverTls>): Promise<string> {
  const peer = await startUpsertPeer({ dimension: 2, credentials });
  closers.push(peer.close);
  return peer.address.replace('127.0.0.1', 'localhost');
}

test('nothing listens: one line says so, and calls go through once something does', async () => {
  const peer = await startUpsertPeer({ dimension: 2 });
  const proxy = await startFaultProxy(peer.address);
  closers.push(peer.close, proxy.close);
  proxy.mode = 'reset';
  const gateway = await gatewayTo(`http://${proxy.address}`);
  const { failure } = await heard(gateway);
  expect(failure.reason).toMatch(/BACKEND_UNAVAILABLE|CIRCUIT_OPEN/);
  proxy.mode = 'pass';
  const tenant = tenantOf(gateway);
  const endAtMs = Date.now() + 10_000;
  while (Date.now() < endAtMs) {
    const code = await tenant.call('UpsertPoints', upsert).then(
      () => 0,
      () => 14,
    );
    if (code === 0) break;
  }
  expect(peer.points.size).toBe(1);
});

test('a refused connection names the address', async () => {
  const { line } = await heard(await gatewayTo('http://127.0.0.1:1'));
  expect(line).toContain('nothing listens at 127.0.0.1:1 (connection refused)');
});

test('a host that takes connections and is silent is told apart', async () => {
  const silent = await startFaultProxy('127.0.0.1:1');
  silent.mode = 'stall';
  closers.push(silent.close);
  const { line } = await heard(await gatewayTo(`http://${silent.address}`));
  expect(line).toMatch(/does not answer/);
});

test('the REST port is recognised', async () => {
  const rest: Server = createServer((_request, response) => response.end('{"title":"qdrant"}'));
  await new Promise<void>((resolve) => rest.listen(0, '127.0.0.1', resolve));
  closers.push(() => rest.close());
  const { line } = await heard(await gatewayTo(`http://127.0.0.1:${(rest.address() as AddressInfo).port}`));
  expect(line).toContain('is this the REST port? gRPC is 6334');
});

test('a refused key is told by name and never shown', async () => {
  // As Qdrant does: a HealthCheck is answered to anybody.
  const peer = await startHttp2Peer({ onCall: (call) => call.fail(16, 'Invalid API key or JWT') });
  closers.push(peer.close);
  const gateway = await gatewayTo(`http://${peer.address}`, { QDRANT_API_KEY: 'my-secret-key' });
  const { line, failure } = await heard(gateway);
  expect(line).toContain('refuses the key: QDRANT_API_KEY is missing or wrong');
  expect(failure.reason).toBe('BACKEND_REFUSED_CREDENTIALS');
  expect(gateway.logLines.join()).not.toContain('my-secret-key');
});

test('a Qdrant that takes the key but no tokens is told apart', async () => {
  const peer = await startHttp2Peer({
    onCall: (call) =>
      call.headers['api-key'] === 'my-secret-key' ? call.reply() : call.fail(16, 'Invalid API key or JWT'),
  });
  closers.push(peer.close);
  const env = { QDRANT_API_KEY: 'my-secret-key', QDRANT_JWT_RBAC: 'on' };
  const { line } = await heard(await gatewayTo(`http://${peer.address}`, env));
  expect(line).toContain(
    'takes the key, but no tokens: QDRANT_JWT_RBAC needs a Qdrant with service.jwt_rbac on',
  );
});

test('https:// to a server without TLS', async () => {
  const peer = await startUpsertPeer({ dimension: 2 });
  closers.push(peer.close);
  const { line } = await heard(await gatewayTo(`https://${peer.address}`));
  expect(line).toContain('does not speak TLS at this port: use http://');
});

test('http:// to a server with TLS', async () => {
  const { line } = await heard(await gatewayTo(`http://${await tlsPeer(serverTls('localhost'))}`));
  expect(line).toContain('use https://');
});

test('a certificate that nobody vouches for, until QDRANT_CA_FILE does', async () => {
  const url = `https://${await tlsPeer(serverTls('localhost'))}`;
  const { line } = await heard(await gatewayTo(url));
  expect(line).toContain('is not trusted');
  expect(line).toContain('QDRANT_CA_FILE');
  const gateway = await gatewayTo(url, { QDRANT_CA_FILE: certFile('localhost') });
  await tenantOf(gateway).call('UpsertPoints', upsert);
});

test('a certificate for another host', async () => {
  const url = `https://${await tlsPeer(serverTls('elsewhere'))}`;
  const { line } = await heard(await gatewayTo(url, { QDRANT_CA_FILE: certFile('elsewhere') }));
  expect(line).toContain('is for another host name');
});

test('a server that asks for a client certificate, until it gets one', async () => {
  const url = `https://${await tlsPeer(serverTls('localhost', 'client'))}`;
  const ca = { QDRANT_CA_FILE: certFile('localhost') };
  const { line } = await heard(await gatewayTo(url, ca));
  expect(line).toMatch(/client certificate|closed the connection/);
  const pair = { QDRANT_CERT_FILE: certFile('client'), QDRANT_KEY_FILE: keyFile('client') };
  await tenantOf(await gatewayTo(url, { ...ca, ...pair })).call('UpsertPoints', upsert);
});
