import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { framed, openRawStream, openSession, statusOf } from '../support/raw-stream.js';
import { seededRandom } from '../support/seed.js';
import { startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import { goodMessages, pointBytes, streamMessage } from '../support/upsert-stream-client.js';

let peer: UpsertPeer;
let gateway: TestGateway;

beforeAll(async () => {
  peer = await startUpsertPeer({ dimension: 4 });
  gateway = await startTestGateway({ backendAddress: peer.address });
});
afterAll(async () => {
  await gateway.close();
  peer.close();
});
beforeEach(() => {
  gateway.logLines.length = 0;
});

const codesOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const entry: { rpc?: string; code?: unknown } = JSON.parse(line);
    return entry.rpc?.endsWith('/StreamUpsertPoints') ? [String(entry.code)] : [];
  });

async function ended(streams: number): Promise<string[]> {
  for (const end = Date.now() + 10_000; codesOf(gateway.logLines).length < streams; await sleep(10)) {
    if (Date.now() > end) throw new Error(`only ${codesOf(gateway.logLines).length} streams ended`);
  }
  return codesOf(gateway.logLines);
}

const content = Buffer.concat([...goodMessages(600, 20)].map(framed));

test('100 streams that are reset at random moments never look complete', async () => {
  const random = seededRandom('the resets');
  const session = openSession(gateway.address);
  const statuses = await Promise.all(
    Array.from({ length: 100 }, async () => {
      // Half of them between two messages, where only the reset tells that there was to be more.
      const cut = Math.floor(random() * content.length);
      const whole = content.length / 30;
      const upTo = random() < 0.5 ? Math.floor(cut / whole) * whole : cut;
      const [delayMs, code] = [random() * 60, [8, 2, 7][Math.floor(random() * 3)]];
      const mine = random() < 0.1 ? openSession(gateway.address) : undefined;
      if (mine?.connecting) await once(mine, 'connect');
      const stream = openRawStream(mine ?? session);
      const status = statusOf(stream);
      stream.write(content.subarray(0, upTo));
      // A stream that is reset before it left the client is none.
      if (stream.pending) await once(stream, 'ready');
      await sleep(delayMs);
      // Some lose their connection instead.
      if (mine === undefined) stream.close(code);
      else mine.destroy();
      return status;
    }),
  );
  expect(statuses.filter((status) => status === '0')).toEqual([]);
  // Some clients end the stream, inside a message, in the breath before they reset it.
  const others = (await ended(100)).filter((code) => code !== 'CANCELLED' && code !== 'INVALID_ARGUMENT');
  expect(others).toEqual([]);
  session.destroy();
});

test('a stream that ends inside a message is refused, with nothing taken for whole', async () => {
  const session = openSession(gateway.address);
  const stream = openRawStream(session);
  const status = statusOf(stream);
  const message = framed(streamMessage([pointBytes(1, [1, 2, 3, 4])], 'docs'));
  stream.end(Buffer.concat([message, message.subarray(0, message.length - 3)]));
  expect(await status).toBe('3');
  expect(await ended(1)).toEqual(['INVALID_ARGUMENT']);
  session.destroy();
});

test('a stream that ends inside the length of a message is refused', async () => {
  const session = openSession(gateway.address);
  const stream = openRawStream(session);
  const status = statusOf(stream);
  stream.end(Buffer.from([0, 0]));
  expect(await status).toBe('3');
  session.destroy();
});
