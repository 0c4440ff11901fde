import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import {
  connectStreamClient,
  pointBytes,
  type StreamClient,
  streamMessage,
} from '../support/upsert-stream-client.js';

const mebibyte = 1024 * 1024;
const dimension = 1024;

let peer: UpsertPeer;
let gateway: TestGateway;
let open: boolean;
const clients: StreamClient[] = [];

async function start(env: Readonly<Record<string, string>>): Promise<void> {
  open = false;
  const wait = async (): Promise<void> => {
    while (!open) await sleep(5);
  };
  peer = await startUpsertPeer({ dimension, onUpsert: wait, countOnly: true });
  gateway = await startTestGateway({
    backendAddress: peer.address,
    env: { METRICS_PORT: '0', METRICS_HOST: '127.0.0.1', ...env },
  });
}
afterEach(async () => {
  open = true;
  for (const client of clients.splice(0)) client.close();
  await gateway.close();
  peer.close();
});

function connect(tenant = '42'): StreamClient {
  const client = connectStreamClient(gateway.address, tenant);
  clients.push(client);
  return client;
}

/** Bytes that the gateway says it holds. */
async function heldBytes(): Promise<number> {
  const text = await (await fetch(`http://${gateway.metricsAddress}/metrics`)).text();
  return Number(/^vector_gateway_bytes_in_flight (\S+)$/m.exec(text)?.[1]);
}

/** What is held once it has not grown for a while. */
async function settledBytes(): Promise<number> {
  let [held, same] = [await heldBytes(), 0];
  while (same < 5) {
    await sleep(40);
    const now = await heldBytes();
    same = now > 0 && now === held ? same + 1 : 0;
    held = now;
  }
  return held;
}

const bounds = (streamBytes: number, processBytes: number): Record<string, string> => ({
  MAX_MESSAGE_BYTES: String(streamBytes),
  MAX_STREAM_BYTES: String(streamBytes),
  MAX_PROCESS_BYTES: String(processBytes),
});

const message = (points: number): Buffer =>
  streamMessage(
    Array.from({ length: points }, (_, id) => pointBytes(id, new Array<number>(dimension).fill(1))),
    'docs',
  );

test('a stream into a backend that stands still holds no more than its bound, and loses nothing', async () => {
  await start({ MAX_STREAM_BYTES: String(4 * mebibyte) });
  const run = connect().run(Array.from({ length: 40 }, () => message(200)));
  const held = await settledBytes();
  expect(held).toBeLessThanOrEqual(4 * mebibyte);
  expect(held).toBeGreaterThan(2 * mebibyte);
  open = true;
  expect(await run).toMatchObject({ code: 0, summary: { upserted: 8000n } });
  expect(await heldBytes()).toBe(0);
});

test('many streams together hold no more than the bound of the process, and all come through', async () => {
  await start(bounds(4 * mebibyte, 8 * mebibyte));
  const runs = Array.from({ length: 8 }, () => connect().run(Array.from({ length: 10 }, () => message(200))));
  expect(await settledBytes()).toBeLessThanOrEqual(8 * mebibyte + 8 * 64 * 1024);
  // Not only by its own account: the backend has seen no more either.
  expect(peer.bytes).toBeLessThanOrEqual(8 * mebibyte);
  await eventually('what is held has begun to arrive', () => peer.bytes > 2 * mebibyte);
  open = true;
  for (const run of runs) expect(await run).toMatchObject({ code: 0, summary: { upserted: 2000n } });
  expect(await heldBytes()).toBe(0);
});

test('the streams of a tenant together hold no more than its bound, and leave room for another', async () => {
  await start({ ...bounds(4 * mebibyte, 16 * mebibyte), MAX_TENANT_BYTES: '6MiB' });
  const messages = Array.from({ length: 10 }, () => message(200));
  const runs = Array.from({ length: 6 }, () => connect('7').run(messages));
  const held = await settledBytes();
  expect(held).toBeLessThanOrEqual(6 * mebibyte + 6 * 64 * 1024);
  expect(held).toBeGreaterThan(4 * mebibyte);
  runs.push(connect('42').run(messages));
  expect(await settledBytes()).toBeGreaterThan(held + 2 * mebibyte);
  open = true;
  for (const run of runs) expect(await run).toMatchObject({ code: 0, summary: { upserted: 2000n } });
  expect(await heldBytes()).toBe(0);
});

test('the first message of a call is bounded like any other', async () => {
  await start(bounds(mebibyte, 2 * mebibyte));
  const runs = Array.from({ length: 8 }, () => connect().run([message(200)]));
  expect(await settledBytes()).toBeLessThanOrEqual(2 * mebibyte);
  expect(peer.bytes).toBeLessThanOrEqual(2 * mebibyte);
  open = true;
  for (const run of runs) expect(await run).toMatchObject({ code: 0, summary: { upserted: 200n } });
});

test('streams whose batches are not full do not starve each other of bytes', async () => {
  // Each message is less than a batch and more than half of what the process may hold.
  await start({
    ...bounds(mebibyte, mebibyte),
    BATCH_POINTS: '10000',
    BATCH_BYTES: '1MiB',
    BATCH_TUNING: 'off',
  });
  open = true;
  const runs = Array.from({ length: 4 }, () => connect().run(Array.from({ length: 5 }, () => message(150))));
  for (const run of runs) expect(await run).toMatchObject({ code: 0, summary: { upserted: 750n } });
});

test('a message larger than the bound of a stream is read, alone', async () => {
  await start({ MAX_STREAM_BYTES: String(mebibyte) });
  open = true;
  const end = await connect().run([message(50), message(1000), message(50)]);
  expect(end).toMatchObject({ code: 0, summary: { upserted: 1100n } });
  expect(await heldBytes()).toBe(0);
});

test('small calls are served while streams hold all that the process may', async () => {
  await start(bounds(mebibyte, mebibyte));
  void connect().run(Array.from({ length: 10 }, () => message(150)));
  await settledBytes();
  const small = connect().open();
  await small.send(streamMessage([], 'docs'));
  small.end();
  expect(await small.ended).toMatchObject({ code: 0 });
});

test('a stream that is cancelled gives all its bytes back', async () => {
  await start({ MAX_STREAM_BYTES: String(4 * mebibyte) });
  const stream = connect().open();
  for (let sent = 0; sent < 4; sent += 1) void stream.send(message(200));
  await settledBytes();
  stream.cancel();
  open = true;
  while ((await heldBytes()) > 0) await sleep(10);
});
