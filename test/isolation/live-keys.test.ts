import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PointsServiceClient } from '../../src/gen/vectorgateway/v1/points_service.js';
import type { KeyEntry } from '../../src/identity/index.js';
import { asTenant, RawClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { IngestClient, ingestMessage } from '../support/ingest-client.js';
import { startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import { connectStreamClient, pointBytes, streamMessage } from '../support/upsert-stream-client.js';

const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-live-keys-'));
// As Kubernetes mounts a secret: the file is a link into a folder behind a link, and that link is exchanged.
const file = join(folder, 'keys.json');
symlinkSync(join('..data', 'keys.json'), file);
let version = 0;

function mount(text: string): void {
  version += 1;
  mkdirSync(join(folder, `v${version}`));
  writeFileSync(join(folder, `v${version}`, 'keys.json'), text);
  symlinkSync(`v${version}`, join(folder, '..data.next'));
  renameSync(join(folder, '..data.next'), join(folder, '..data'));
}

const keyOf = (name: string): string => `the-key-of-${name}`;
const entryOf = (name: string, more: Partial<KeyEntry> = {}): KeyEntry => ({
  name,
  sha256: createHash('sha256').update(keyOf(name)).digest('hex'),
  tenants: ['42'],
  scopes: ['read', 'write'],
  ...more,
});
const textOf = (entries: readonly (KeyEntry | undefined)[]): string =>
  JSON.stringify({ keys: entries.filter(Boolean) });

const names = ['stays', 'revoked', 'removed', 'other-tenants', 'only-reads', 'expired'] as const;
const unchanged = names.map((name) => entryOf(name));
const changed = [
  entryOf('stays', { tenants: ['42', '43'] }),
  entryOf('revoked', { revoked: '2026-01-01T00:00:00Z' }),
  entryOf('other-tenants', { tenants: ['43'] }),
  entryOf('only-reads', { scopes: ['read'] }),
  entryOf('expired', { expires: '2026-01-01T00:00:00Z' }),
  entryOf('added'),
];
const reasons: Readonly<Record<string, string>> = {
  revoked: 'CREDENTIAL_REVOKED',
  removed: 'CREDENTIAL_INVALID',
  'other-tenants': 'TENANT_FORBIDDEN',
  'only-reads': 'SCOPE_FORBIDDEN',
  expired: 'CREDENTIAL_EXPIRED',
};

let peer: UpsertPeer;
let gateway: TestGateway;
let ingest: IngestClient;
let raw: RawClient;
/** Writes of points from this id on are not answered until the end of the test. */
const heldFrom = 1_000_000n;
let release: () => void = () => undefined;
let briefUntilMs = 0;

beforeEach(async () => {
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  peer = await startUpsertPeer({
    dimension: 4,
    onUpsert: ({ points: [first] }) => {
      const id = first?.id?.pointIdOptions;
      return id?.case === 'num' && id.value >= heldFrom ? held : undefined;
    },
  });
  briefUntilMs = Date.now() + 2_000;
  mount(textOf([...unchanged, entryOf('brief', { expires: new Date(briefUntilMs).toISOString() })]));
  gateway = await startTestGateway({ backendAddress: peer.address, env: { API_KEYS_FILE: file } });
  ingest = new IngestClient(gateway.address);
  raw = new RawClient(gateway.address);
});
afterEach(async () => {
  release();
  ingest.close();
  raw.close();
  await gateway.close();
  peer.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const vector = [1, 2, 3, 4];
const withinMs = 5_000;
const upsert = (id: number | bigint, key: string) =>
  raw.call(
    PointsServiceClient.service.upsertPoints,
    streamMessage([pointBytes(id, vector)], 'docs'),
    asTenant('42', key),
    { timeoutMs: 15_000 },
  );

test('a changed file ends the streams of keys that are revoked, taken out, narrowed or expired, and no others', async () => {
  const streams = names.map((name) => ({ name, stream: ingest.open('42', keyOf(name)) }));
  for (const { stream } of streams) {
    await stream.send(ingestMessage(5, [pointBytes(1, vector)], { collection: 'docs' }));
    await stream.reply('a watermark', ({ watermark }) => watermark === 5n);
  }
  const changedAtMs = Date.now();
  mount(textOf(changed));
  for (const { name, stream } of streams.filter(({ name }) => name !== 'stays')) {
    const end = await stream.ended;
    expect([name, end.reason]).toEqual([name, reasons[name]]);
    expect(end.message).toContain('the call was ended: ');
    // What was stored is told in the end too.
    expect(end.summary).toMatchObject({ received: 1n, upserted: 1n, durableThrough: 0n });
  }
  expect(Date.now() - changedAtMs).toBeLessThan(withinMs);

  const [stays] = streams;
  await stays?.stream.send(ingestMessage(6, [pointBytes(2, vector)]));
  stays?.stream.end();
  expect(await stays?.stream.ended).toMatchObject({ code: 0, summary: { upserted: 2n } });
  expect((await upsert(3, keyOf('added'))).code).toBe(0);
  for (const name of Object.keys(reasons)) {
    expect([name, (await upsert(3, keyOf(name))).error?.reason]).toEqual([name, reasons[name]]);
  }
});

test('what is with the backend when its key is revoked is waited for, but not for long, and told as unknown', async () => {
  const client = connectStreamClient(gateway.address, '42', {}, keyOf('revoked'));
  const stream = client.open();
  await stream.send(streamMessage([pointBytes(heldFrom, vector)], 'docs'));
  const unary = upsert(heldFrom + 1n, keyOf('revoked'));
  const watched = ingest.open('42', keyOf('revoked'));
  await watched.send(ingestMessage(7, [pointBytes(9, vector)], { collection: 'docs' }));
  await watched.reply('a watermark', ({ watermark }) => watermark === 7n);
  await watched.send(ingestMessage(8, [pointBytes(heldFrom + 2n, vector)]));
  await eventually('three writes are with the backend', () => peer.mostAtATime === 3);
  const changedAtMs = Date.now();
  mount(textOf(changed));
  const unknown = { code: 16, reason: 'CREDENTIAL_REVOKED' };
  expect(await stream.ended).toMatchObject({ ...unknown, summary: { upserted: 0n, indeterminate: [{}] } });
  expect(await watched.ended).toMatchObject({ ...unknown, summary: { upserted: 1n, indeterminate: [{}] } });
  expect(watched.replies.at(-1)?.watermark).toBe(7n);
  const { error } = await unary;
  expect([error?.reason, error?.info.metadata.get('indeterminate')]).toEqual(['CREDENTIAL_REVOKED', 'true']);
  expect(Date.now() - changedAtMs).toBeLessThan(withinMs);
  client.close();
});

test('a file that is broken, or gone, changes nothing, and the log says why; a good one holds again', async () => {
  const told = (text: string) =>
    gateway.logLines.some((line) => line.includes('"error"') && line.includes(text));
  mount('{"keys":[');
  await eventually('the log tells of broken JSON', () => told('is not valid JSON'));
  expect((await upsert(1, keyOf('revoked'))).code).toBe(0);
  renameSync(file, `${file}.away`);
  await eventually('the log tells of the missing file', () => told('does not exist'));
  expect((await upsert(1, keyOf('revoked'))).code).toBe(0);
  renameSync(`${file}.away`, file);
  mount(textOf(changed));
  await eventually(
    'the key is revoked',
    async () => (await upsert(1, keyOf('revoked'))).error?.reason === 'CREDENTIAL_REVOKED',
  );
  // This one is not broken: the last key was taken out.
  mount(textOf([]));
  await eventually('no key is known', async () => (await upsert(1, keyOf('stays'))).code === 16);
});

test('a key whose time comes while its stream is open loses the stream, without a change of the file', async () => {
  const stream = ingest.open('42', keyOf('brief'));
  await stream.send(ingestMessage(1, [pointBytes(1, vector)], { collection: 'docs' }));
  await stream.reply('a watermark', ({ watermark }) => watermark === 1n);
  expect(await stream.ended).toMatchObject({ code: 16, reason: 'CREDENTIAL_EXPIRED' });
  expect(Date.now()).toBeLessThan(briefUntilMs + withinMs);
});
