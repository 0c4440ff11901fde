import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { startUpsertPeer, type UpsertPeer, type UpsertPeerOptions } from '../support/upsert-peer.js';
import {
  connectStreamClient,
  goodMessages,
  pointBytes,
  type StreamClient,
  streamMessage,
} from '../support/upsert-stream-client.js';

let behaviour: UpsertPeerOptions['onUpsert'];
let peer: UpsertPeer;
let gateway: TestGateway;
let client: StreamClient;

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  behaviour = undefined;
  peer = await startUpsertPeer({ dimension: 4, onUpsert: (...write) => behaviour?.(...write) });
  gateway = await startTestGateway({
    backendAddress: peer.address,
    env: { RETRY_MAX_ATTEMPTS: '1', ...env },
  });
  client = connectStreamClient(gateway.address);
}
afterEach(async () => {
  client.close();
  await gateway.close();
  peer.close();
});

const never = () => new Promise<void>(() => undefined);
const onePoint = streamMessage([pointBytes(1, [1, 2, 3, 4])], 'docs');

test('the deadline of the caller ends a stream with its summary, before the caller gives up', async () => {
  await start();
  behaviour = (_request, number) => (number === 1 ? undefined : never());
  const stream = client.open({ deadline: Date.now() + 2000 });
  for (const message of goodMessages(512, 256)) await stream.send(message);
  const end = await stream.ended;
  expect(end).toMatchObject({
    code: 4,
    reason: 'DEADLINE_EXCEEDED',
    summary: {
      received: 512n,
      upserted: 256n,
      durableThrough: 255n,
      indeterminate: [{ first: 256n, last: 511n }],
    },
  });
});

test('what is in flight when a stream stops is waited for, so that the summary is true', async () => {
  await start();
  behaviour = () => sleep(150).then(() => undefined);
  const stream = client.open();
  for (const message of goodMessages(512, 256)) await stream.send(message);
  await eventually('2 writes have come', () => peer.batches.length === 2);
  await stream.send(Buffer.from([0xff]));
  expect(await stream.ended).toMatchObject({
    code: 3,
    summary: { received: 512n, upserted: 512n, durableThrough: 511n, indeterminate: [] },
  });
});

test('the death of the backend ends a stream with its summary', async () => {
  await start();
  behaviour = (_request, number) => (number === 1 ? undefined : never());
  const stream = client.open();
  for (const message of goodMessages(768, 256)) await stream.send(message);
  await eventually('3 writes have come', () => peer.batches.length === 3);
  peer.close();
  expect(await stream.ended).toMatchObject({
    code: 14,
    reason: 'BACKEND_UNAVAILABLE',
    summary: {
      received: 768n,
      upserted: 256n,
      durableThrough: 255n,
      indeterminate: [{ first: 256n, last: 767n }],
    },
  });
});

test('silence of the caller ends a stream with its summary', async () => {
  await start({ STREAM_IDLE_MS: '300' });
  const stream = client.open();
  await stream.send(onePoint);
  expect(await stream.ended).toMatchObject({ code: 10, reason: 'STREAM_IDLE', summary: { upserted: 1n } });
});

test('a slow backend is no silence of the caller', async () => {
  await start({ STREAM_IDLE_MS: '300' });
  behaviour = () => sleep(800).then(() => undefined);
  const stream = client.open();
  for (const message of goodMessages(1536, 256)) await stream.send(message);
  stream.end();
  expect(await stream.ended).toMatchObject({ code: 0, summary: { upserted: 1536n } });
});

test('the end of the gateway ends a stream with its summary, after what is in flight', async () => {
  await start();
  behaviour = () => sleep(200).then(() => undefined);
  const stream = client.open();
  await stream.send(onePoint);
  await eventually('1 writes have come', () => peer.batches.length === 1);
  const closed = gateway.close();
  expect(await stream.ended).toMatchObject({
    code: 14,
    reason: 'SHUTTING_DOWN',
    summary: { received: 1n, upserted: 1n, durableThrough: 0n },
  });
  await closed;
});

test('a stream that had ended is finished by a gateway that is asked to stop', async () => {
  await start();
  behaviour = () => sleep(300).then(() => undefined);
  const stream = client.open();
  for (const message of goodMessages(1000, 1000)) await stream.send(message);
  stream.end();
  // The last batch is not full: it leaves with the end of the stream.
  await eventually('4 writes have come', () => peer.batches.length === 4);
  const closed = gateway.close();
  expect(await stream.ended).toMatchObject({ code: 0, summary: { upserted: 1000n } });
  await closed;
});

test('a stream that the caller cancels is logged as cancelled, and its bytes are given back', async () => {
  await start();
  const stream = client.open();
  await stream.send(onePoint);
  await eventually('1 writes have come', () => peer.batches.length === 1);
  stream.cancel();
  expect((await stream.ended).code).toBe(1);
  const ends = () => gateway.logLines.filter((line) => line.includes('StreamUpsertPoints'));
  await eventually('the stream is logged', () => ends().length === 1);
  expect(ends()[0]).toMatch(/CANCELLED/);
});

test('a message that is too large ends a stream with the summary of what came before', async () => {
  await start({ MAX_MESSAGE_BYTES: '64KiB' });
  const stream = client.open();
  await stream.send(onePoint);
  await eventually('1 writes have come', () => peer.batches.length === 1);
  await stream.send(Buffer.alloc(200_000));
  expect(await stream.ended).toMatchObject({
    code: 8,
    reason: 'MESSAGE_TOO_LARGE',
    summary: { received: 1n, upserted: 1n, durableThrough: 0n, indeterminate: [] },
  });
});

test('an error with many bad points still carries a summary that fits', async () => {
  await start();
  const bad = Array.from({ length: 3000 }, (_, id) => pointBytes(id, []));
  const end = await client.run([streamMessage(bad, 'docs'), Buffer.from([0xff])]);
  expect(end).toMatchObject({ code: 3, summary: { rejected: 3000n, durableThrough: 2999n } });
  const listed = end.summary?.rejections.length ?? 0;
  expect(listed).toBeGreaterThan(0);
  expect(end.summary?.rejectionsOmitted).toBe(BigInt(3000 - listed));
});
