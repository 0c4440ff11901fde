import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PointsServiceClient } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, RawClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { audience, claimsOf, issuer, keySetText, makeIssuerKey, signedBy } from '../support/tokens.js';
import { startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import {
  connectStreamClient,
  goodMessages,
  pointBytes,
  streamMessage,
} from '../support/upsert-stream-client.js';

const first = makeIssuerKey('ES256', 'first');
const second = makeIssuerKey('RS256', 'second');

/** An issuer's key set, on 127.0.0.1. */
interface KeySetServer {
  readonly url: string;
  requests: number;
  answer: () => Promise<{ status: number; body: string }>;
  readonly server: Server;
}

async function startKeySetServer(): Promise<KeySetServer> {
  const state = { requests: 0, answer: async () => ({ status: 500, body: '' }) };
  const server = createServer((_request, response) => {
    state.requests += 1;
    void started.answer().then(({ status, body }) => response.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const started: KeySetServer = Object.assign(state, { url: `http://127.0.0.1:${port}/keys`, server });
  return started;
}

let keySet: KeySetServer;
let peer: UpsertPeer;
let gateway: TestGateway;
let client: RawClient;

beforeAll(async () => {
  keySet = await startKeySetServer();
  keySet.answer = async () => ({ status: 200, body: keySetText(first) });
  peer = await startUpsertPeer({ dimension: 4 });
  const env = {
    JWT_JWKS_URL: keySet.url,
    JWT_JWKS_REFRESH_MS: '60000',
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: audience,
    JWT_TENANTS_CLAIM: 'org',
    AUTH_FAILURES_PER_MINUTE: '0',
  };
  gateway = await startTestGateway({ backendAddress: peer.address, env });
  client = new RawClient(gateway.address);
});
afterAll(async () => {
  client.close();
  await gateway.close();
  peer.close();
  keySet.server.close();
});

const claims = (more = {}) => claimsOf({ tenants: undefined, org: '42', ...more });
const upsert = (token: string, options?: { timeoutMs: number }) =>
  client.call(
    PointsServiceClient.service.upsertPoints,
    streamMessage([pointBytes(1, [1, 2, 3, 4])], 'docs'),
    asTenant('42', token),
    options,
  );

test('unknown keys do not make it ask at will', async () => {
  const before = keySet.requests;
  for (let each = 0; each < 50; each += 1)
    await upsert(signedBy({ ...second, kid: `made-up-${each}` }, claims()));
  expect(keySet.requests - before).toBeLessThanOrEqual(2);
});

test('a call waits for keys that are being fetched: nothing of it is lost, and its deadline and its cancel hold', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isAsked = false;
  const asked = new Promise<void>((resolve) => {
    keySet.answer = async () => {
      isAsked = true;
      resolve();
      await held;
      return { status: 200, body: keySetText(first, second) };
    };
  });
  const token = signedBy(second, claims());
  const writtenBefore = peer.batches.length;
  let waiting = upsert(token);
  await eventually('a call waits for the keys', async () => {
    await Promise.race([waiting, asked]);
    if (!isAsked) waiting = upsert(token);
    return isAsked;
  });
  const streams = connectStreamClient(gateway.address, '42', {}, token);
  const stream = streams.run(goodMessages(512, 16, 1000));
  const late = await upsert(token, { timeoutMs: 150 });
  expect(late.code).toBe(4);
  const cancelled = streams.open();
  await cancelled.send(streamMessage([pointBytes(1, [1, 2, 3, 4])], 'docs'));
  cancelled.cancel();
  expect((await cancelled.ended).code).toBe(1);
  // Who is not known yet has nothing done for it.
  expect(peer.batches.length).toBe(writtenBefore);
  release();
  expect((await waiting).code).toBe(0);
  expect(await stream).toMatchObject({ code: 0, summary: { received: 512n, upserted: 512n } });
  expect([...peer.points.keys()].filter((id) => id >= 1000n)).toHaveLength(512);
  streams.close();
});

test('a key that left the set is worth nothing any more, to open streams either', async () => {
  const streams = connectStreamClient(gateway.address, '42', {}, signedBy(first, claims()));
  const stream = streams.open();
  await stream.send(streamMessage([pointBytes(1, [1, 2, 3, 4])], 'docs'));
  keySet.answer = async () => ({ status: 200, body: keySetText(second) });
  await eventually('the set is fetched', async () => {
    await upsert(signedBy({ ...second, kid: 'third' }, claims()));
    return (await upsert(signedBy(first, claims()))).code === 16;
  });
  expect(await stream.ended).toMatchObject({ code: 16, reason: 'CREDENTIAL_INVALID' });
  expect((await upsert(signedBy(second, claims()))).code).toBe(0);
  streams.close();
});

test('without keys from the beginning the gateway starts, and says that it cannot tell', async () => {
  const away = await startKeySetServer();
  const env = { JWT_JWKS_URL: away.url, JWT_ISSUER: issuer, JWT_AUDIENCE: audience };
  const started = await startTestGateway({ backendAddress: peer.address, env });
  const other = new RawClient(started.address);
  const call = () =>
    other.call(
      PointsServiceClient.service.upsertPoints,
      streamMessage([pointBytes(1, [1, 2, 3, 4])], 'docs'),
      asTenant('7', signedBy(first)),
    );
  const outcome = await call();
  expect([outcome.code, outcome.error?.reason]).toEqual([14, 'IDENTITY_UNAVAILABLE']);
  expect(outcome.error?.retryDelayMs).toBeGreaterThan(0);
  away.answer = async () => ({ status: 200, body: keySetText(first) });
  await eventually('the keys were fetched', async () => (await call()).code === 0);
  other.close();
  await started.close();
  away.server.close();
});
