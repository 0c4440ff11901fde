import { eventually } from '../support/eventually.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { IngestClient, ingestMessage } from '../support/ingest-client.js';
import { PeerFailureError, startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import { pointBytes } from '../support/upsert-stream-client.js';

let peer: UpsertPeer;
let gateway: TestGateway;
let client: IngestClient;
/** Ids that the backend refuses with the whole write they come in. */
let poison = new Set<bigint>();
let held: Promise<void> | undefined;
let writes: bigint[][] = [];

beforeEach(async () => {
  poison = new Set();
  held = undefined;
  writes = [];
  peer = await startUpsertPeer({
    dimension: 4,
    onUpsert: async ({ points }) => {
      await held;
      const ids = points.map(({ id }) => (id?.pointIdOptions.case === 'num' ? id.pointIdOptions.value : -1n));
      if (ids.some((id) => poison.has(id))) throw new PeerFailureError(3, 'Wrong input: poison');
      writes.push(ids);
    },
  });
  gateway = await startTestGateway({ backendAddress: peer.address, env: { BATCH_POINTS: '16' } });
  client = new IngestClient(gateway.address);
});
afterEach(async () => {
  client.close();
  await gateway.close();
  peer.close();
});

const vector = [1, 2, 3, 4];
const good = (id: number): Buffer => pointBytes(id, vector);
const bad = (id: number): Buffer => pointBytes(id, [1, 2]);
const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => first + at);
const docs = { collection: 'docs' };

function holdWrites(): () => void {
  let release: () => void = () => undefined;
  held = new Promise((resolve) => {
    release = resolve;
  });
  return release;
}

test('every point has one outcome: stored under the watermark, or refused with its message', async () => {
  const stream = client.open();
  await stream.send(ingestMessage(10, [good(0), bad(1), good(2)], docs));
  await stream.send(ingestMessage(20, range(3, 40).map(good)));
  await stream.send(ingestMessage(30, []));
  await stream.send(ingestMessage(40, [bad(50)]));
  stream.end();
  const end = await stream.ended;
  expect(end).toMatchObject({ code: 0, summary: { received: 44n, upserted: 42n, rejected: 2n } });
  expect(stream.replies.at(-1)?.watermark).toBe(40n);
  const rejections = stream.replies.flatMap((reply) => reply.rejections);
  expect(rejections).toMatchObject([
    { sequence: 10n, index: 1, id: { pointIdOptions: { value: 1n } }, status: { code: 3 } },
    { sequence: 40n, index: 0, id: { pointIdOptions: { value: 50n } }, status: { code: 3 } },
  ]);
  expect(rejections[0]?.status?.message).toMatch(/^VECTOR_DIMENSION_MISMATCH: vector: has 2 floats/);
  expect(peer.points.size).toBe(42);
});

test('a point that the backend refuses stands alone, and its neighbours are stored', async () => {
  poison = new Set([7n, 21n]);
  const stream = client.open();
  await stream.send(ingestMessage(1, range(0, 10).map(good), docs));
  await stream.send(ingestMessage(2, range(10, 22).map(good)));
  stream.end();
  expect(await stream.ended).toMatchObject({
    code: 0,
    summary: { received: 32n, upserted: 30n, rejected: 2n },
  });
  expect(stream.replies.flatMap(({ rejections }) => rejections)).toMatchObject([
    { sequence: 1n, index: 7, status: { code: 3 } },
    { sequence: 2n, index: 11, status: { code: 3 } },
  ]);
  expect([...peer.points.keys()].sort((a, b) => Number(a - b))).toEqual(
    range(0, 32)
      .map(BigInt)
      .filter((id) => !poison.has(id)),
  );
});

test('a refused point is told in the reply that settles its message, not before and not after', async () => {
  const release = holdWrites();
  const stream = client.open();
  await stream.send(ingestMessage(1, [good(0), bad(1)], docs));
  await stream.send(ingestMessage(2, [good(2)]));
  await eventually('a write is held', () => peer.mostAtATime > 0);
  expect(stream.replies).toEqual([]);
  release();
  const first = await stream.reply('a watermark', ({ watermark }) => watermark !== undefined);
  expect(first.rejections).toMatchObject([{ sequence: 1n, index: 1 }]);
  stream.end();
  expect((await stream.ended).code).toBe(0);
  expect(stream.replies.flatMap(({ rejections }) => rejections)).toHaveLength(1);
});

test('a stream that continues another passes over what was settled, and nothing is lost or doubled', async () => {
  const messages = range(1, 60).map((sequence) => ({ sequence, points: range(sequence * 10, 10).map(good) }));
  const first = client.open();
  for (const { sequence, points } of messages.slice(0, 30)) {
    await first.send(ingestMessage(sequence, points, docs));
  }
  const { watermark = 0n } = await first.reply('some progress', (reply) => (reply.watermark ?? 0n) >= 5n);
  first.cancel();
  await first.ended;
  const last = first.replies.at(-1);
  const before = last?.watermark ?? watermark;
  writes = [];
  const second = client.open();
  // The caller may send more than it must; what the session says is settled is not written again.
  for (const { sequence, points } of messages) {
    await second.send(ingestMessage(sequence, points, sequence === 1 ? { session: last?.session } : {}));
  }
  second.end();
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(second.replies.at(-1)?.watermark).toBe(60n);
  expect(peer.points.size).toBe(600);
  const again = writes.flat().filter((id) => id < (before + 1n) * 10n);
  expect(again).toEqual([]);
});

test.each([
  ['a sequence that does not grow', [ingestMessage(2, [], docs), ingestMessage(2, [])], 'sequence'],
  ['no sequence', [ingestMessage(0, [good(1)], docs)], 'sequence'],
  ['a session of its own making', [ingestMessage(1, [], { ...docs, session: 'AAAA' })], 'session'],
  [
    'a session of another collection',
    [ingestMessage(1, [], { ...docs, session: Buffer.from('other.5').toString('base64url') })],
    'session',
  ],
  [
    'a session in the middle',
    [
      ingestMessage(1, [], docs),
      ingestMessage(2, [], { session: Buffer.from('docs.1').toString('base64url') }),
    ],
    'session',
  ],
])('%s ends the stream with the field', async (_what, messages, field) => {
  const stream = client.open();
  for (const message of messages) await stream.send(message);
  stream.end();
  expect(await stream.ended).toMatchObject({ code: 3, reason: 'FIELD_INVALID', field });
});

test('when the gateway stops, a reply says where the stream stands and to reconnect', async () => {
  const stream = client.open();
  await stream.send(ingestMessage(1, [good(1)], docs));
  await stream.reply('a watermark', ({ watermark }) => watermark === 1n);
  const closing = gateway.close();
  const end = await stream.ended;
  expect(end).toMatchObject({ code: 14, reason: 'SHUTTING_DOWN', summary: { received: 1n, upserted: 1n } });
  expect(stream.replies.at(-1)).toMatchObject({ watermark: 1n, hints: { reconnect: true } });
  await closing;
});

test('a backend that fails ends the stream with what is known, and the watermark is true', async () => {
  const stream = client.open();
  await stream.send(ingestMessage(1, [good(1)], docs));
  await stream.reply('a watermark', ({ watermark }) => watermark === 1n);
  peer.close();
  await stream.send(ingestMessage(2, [good(2)]));
  const end = await stream.ended;
  expect(end).toMatchObject({ code: 14, summary: { received: 2n, upserted: 1n, durableThrough: 0n } });
  expect(stream.replies.at(-1)?.watermark).toBe(1n);
});

test('the last version of an id stays, and each version has an outcome', async () => {
  const stream = client.open();
  const versions = range(1, 200);
  for (const version of versions) {
    const point = pointBytes(5, [version, 0, 0, 0]);
    await stream.send(ingestMessage(version, [point], version === 1 ? docs : {}));
  }
  stream.end();
  expect(await stream.ended).toMatchObject({ code: 0, summary: { received: 200n, upserted: 200n } });
  expect(peer.points.get(5n)).toBe(200);
  expect(peer.overlaps).toEqual([]);
});
