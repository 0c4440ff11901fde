import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { PointsServiceClient } from '../../src/gen/vectorgateway/v1/points_service.js';
import { runCli, startCli } from '../support/cli-process.js';
import { metadataOf, RawClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { keyFileText } from '../support/gateway.js';
import { certFile, keyFile } from '../support/test-tls.js';
import { countThroughTls } from '../support/tls-count.js';
import { startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import { connectStreamClient, goodMessages } from '../support/upsert-stream-client.js';

let peer: UpsertPeer;
let release: () => void = () => undefined;
let held: Promise<void> | undefined;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vector-gateway-cli-'));
  held = undefined;
  peer = await startUpsertPeer({ dimension: 4, onUpsert: () => held });
});
afterEach(() => {
  release();
  peer.close();
  rmSync(folder, { recursive: true, force: true });
});

const holdWrites = (): void => {
  held = new Promise((resolve) => {
    release = resolve;
  });
};

interface Served {
  readonly address: string;
  readonly metricsAddress: string;
}

async function serve(env: Readonly<Record<string, string>> = {}) {
  const settings = { QDRANT_URL: `http://${peer.address}`, PORT: '0', METRICS_PORT: '0', ...env };
  const gateway = startCli(['serve'], settings);
  const out = await gateway.until(/"msg":"serving"/);
  const line = out.split('\n').find((text) => text.includes('"msg":"serving"')) ?? '{}';
  const served: Served = JSON.parse(line);
  return { ...gateway, ...served };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends an idle gateway with code 0', async (signal) => {
  const gateway = await serve();
  gateway.child.kill(signal);
  const { code, err } = await gateway.ended;
  expect(code).toBe(0);
  expect(err).toBe('');
});

test('a second signal cuts off what the first one waits for, with code 1', async () => {
  holdWrites();
  const gateway = await serve();
  const client = connectStreamClient(gateway.address);
  const stream = client.open();
  stream.ended.catch(() => undefined);
  for (const message of goodMessages(512, 256)) await stream.send(message);
  await eventually('a write is held', () => peer.mostAtATime > 0);
  const healthz = async () => (await fetch(`http://${gateway.metricsAddress}/healthz`)).status;
  expect(await healthz()).toBe(200);
  gateway.child.kill('SIGTERM');
  await gateway.until(/"msg":"draining"/);
  expect(await healthz()).toBe(503);
  gateway.child.kill('SIGTERM');
  const { code, out } = await gateway.ended;
  expect(out).toContain('second signal, cutting off');
  expect(code).toBe(1);
  client.close();
});

test('every call is one line of JSON, and is counted in /metrics', async () => {
  const gateway = await serve();
  const client = new RawClient(gateway.address);
  const definition = PointsServiceClient.service.countPoints;
  await client.call(definition, Buffer.from('0a0164', 'hex'), metadataOf(['x-company-id', '42']));
  await client.call(definition, Buffer.from('0a0164', 'hex'), metadataOf());
  await gateway.until(/TENANT_ID_MISSING/);
  const metrics = await (await fetch(`http://${gateway.metricsAddress}/metrics`)).text();
  const health = await fetch(`http://${gateway.metricsAddress}/healthz`);
  client.close();
  gateway.child.kill('SIGTERM');
  const { out } = await gateway.ended;
  const lines: Record<string, unknown>[] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const calls = lines.filter(({ rpc }) => String(rpc).endsWith('CountPoints'));
  expect(calls).toHaveLength(2);
  expect(calls[0]).toMatchObject({ tenant: '42', durationMs: expect.any(Number), bytesIn: 3 });
  expect(calls[1]).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TENANT_ID_MISSING' });
  expect(health.status).toBe(200);
  expect(metrics).toMatch(/CountPoints/);
  expect(metrics).toMatch(/code="UNAUTHENTICATED"/);
  expect(metrics).not.toMatch(/tenant="/);
});

test('"health" says SERVING of a gateway that serves', async () => {
  const gateway = await serve();
  expect(await runCli(['health', '--address', gateway.address])).toMatchObject({ code: 0, out: 'SERVING\n' });
  gateway.child.kill('SIGTERM');
  await gateway.ended;
});

test('with keys and TLS a caller needs the key, and the key never reaches the log', async () => {
  const [cert, key] = [certFile('localhost'), keyFile('localhost')];
  const keys = join(folder, 'keys.json');
  const token = 'correct-horse-battery-staple';
  writeFileSync(keys, keyFileText([{ key: token, name: 'one', tenants: ['42'], scopes: ['read'] }]));
  const gateway = await serve({ API_KEYS_FILE: keys, TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
  expect(await countThroughTls(gateway.address, cert, '42', undefined)).toBe(status.UNAUTHENTICATED);
  expect(await countThroughTls(gateway.address, cert, '7', token)).toBe(status.PERMISSION_DENIED);
  const allowed = await countThroughTls(gateway.address, cert, '42', token);
  expect([status.UNAUTHENTICATED, status.PERMISSION_DENIED]).not.toContain(allowed);
  const env = { TLS_CERT_FILE: cert, TLS_KEY_FILE: key };
  expect((await runCli(['health', '--address', gateway.address], env)).out).toBe('SERVING\n');
  gateway.child.kill('SIGTERM');
  expect((await gateway.ended).out).not.toContain(token);
});
