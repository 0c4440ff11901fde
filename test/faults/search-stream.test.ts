import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  CollectionStatus,
  GetCollectionInfoResponseSchema,
  SearchPointsSchema,
  SearchResponseSchema,
} from '@qdrant/js-client-grpc';
import fc from 'fast-check';
import { eventually } from '../support/eventually.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { type Http2Peer, type PeerCall, startHttp2Peer } from '../support/http2-peer.js';
import { framed, openSession } from '../support/raw-stream.js';
import {
  type OpenSearchStream,
  reasonOf,
  SearchStreamClient,
  searchMessage,
} from '../support/search-stream-client.js';
import { seedOf } from '../support/seed.js';

// A stream of searches in front of a backend that answers when, and as, the test says.
let peer: Http2Peer;
let gateway: TestGateway;
let client: SearchStreamClient;
let waiting: PeerCall[] = [];
let onSearch: (call: PeerCall) => void;

const description = toBinary(
  GetCollectionInfoResponseSchema,
  create(GetCollectionInfoResponseSchema, {
    result: {
      status: CollectionStatus.Green,
      config: { params: { vectorsConfig: { config: { case: 'params', value: { size: 2n, distance: 1 } } } } },
    },
  }),
);

/** The number that a search carries in its vector. */
const numberOf = (call: PeerCall): number => fromBinary(SearchPointsSchema, call.request).vector[0] ?? -1;

/** Results that tell which search they are of. */
function answerIt(call: PeerCall, text = ''): void {
  const id = { pointIdOptions: { case: 'num' as const, value: BigInt(numberOf(call)) } };
  const payload = { text: { kind: { case: 'stringValue' as const, value: text } } };
  call.reply(toBinary(SearchResponseSchema, create(SearchResponseSchema, { result: [{ id, payload }] })));
}

const holdAll = (call: PeerCall): void => {
  waiting.push(call);
};
const take = (at: number): PeerCall | undefined => waiting.splice(at, 1)[0];

beforeEach(async () => {
  waiting = [];
  onSearch = holdAll;
  peer = await startHttp2Peer({
    onCall: (call) => (call.method === 'Points/Search' ? onSearch(call) : call.reply(description)),
  });
});
afterEach(async () => {
  for (const call of waiting) call.resetStream(8);
  client?.close();
  await gateway?.close();
  await peer.close();
});

async function start(env: Record<string, string> = {}): Promise<OpenSearchStream> {
  gateway = await startTestGateway({ backendAddress: peer.address, env });
  client = new SearchStreamClient(gateway.address);
  return client.open();
}

const resultOf = ({ results }: { results: readonly { id?: { pointIdOptions?: { value: unknown } } }[] }) =>
  results[0]?.id?.pointIdOptions?.value;

test('answers come as they are done, each with the id of its search, and at most 32 are under way', async () => {
  await start();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ turn: fc.nat(), fails: fc.boolean() }), { minLength: 1, maxLength: 90 }),
      async (searches) => {
        const stream = client.open();
        searches.forEach((_, index) => {
          stream.send(searchMessage(`id-${index}`, [index, 0]));
        });
        stream.end();
        for (const [done, { turn }] of searches.entries()) {
          const expected = Math.min(32, searches.length - done);
          await eventually('as many as there may be', () => waiting.length >= expected);
          expect(waiting).toHaveLength(expected);
          const call = take(turn % waiting.length);
          if (call === undefined) throw new Error('there was one');
          if (searches[numberOf(call)]?.fails === true) call.fail(3, `bad ${numberOf(call)}`);
          else answerIt(call);
        }
        expect((await stream.ended).code).toBe(0);
        expect(stream.replies).toHaveLength(searches.length);
        searches.forEach(({ fails }, index) => {
          const reply = stream.replies.find(({ id }) => id === `id-${index}`);
          if (fails) expect(reply?.status?.message).toContain(`bad ${index}`);
          else expect([reply?.status, reply && resultOf(reply)]).toEqual([undefined, BigInt(index)]);
        });
      },
    ),
    { seed: seedOf('the searches'), numRuns: 12 },
  );
});

test('a slow search holds no other up', async () => {
  const stream = await start();
  onSearch = (call) => (numberOf(call) === 0 ? holdAll(call) : answerIt(call));
  for (let index = 0; index < 200; index += 1) stream.send(searchMessage(String(index), [index, 0]));
  await eventually('all the others', () => stream.replies.length === 199);
  const slow = take(0);
  if (slow !== undefined) answerIt(slow);
  expect(resultOf(await stream.reply('0'))).toBe(0n);
  stream.end();
  expect((await stream.ended).code).toBe(0);
});

test('a search that is not done in its time is answered so, and the stream goes on', async () => {
  const stream = await start({ DEFAULT_DEADLINE_MS: '300' });
  stream.send(searchMessage('slow', [0, 0]));
  expect(reasonOf(await stream.reply('slow'))).toBe('DEADLINE_EXCEEDED');
  expect(await waiting[0]?.closed).toBe(8);
  onSearch = answerIt;
  stream.send(searchMessage('soon', [5, 0]));
  expect(resultOf(await stream.reply('soon'))).toBe(5n);
  stream.end();
  expect((await stream.ended).code).toBe(0);
});

test('cancelling the stream cancels the searches under way', async () => {
  const stream = await start();
  for (const index of [1, 2, 3]) stream.send(searchMessage(String(index), [index, 0]));
  await eventually('three under way', () => waiting.length === 3);
  stream.cancel();
  expect(await Promise.all(waiting.map(({ closed }) => closed))).toEqual([8, 8, 8]);
  expect((await stream.ended).code).toBe(1);
});

test('a drain lets searches under way finish, then ends the stream', async () => {
  const stream = await start({ SHUTDOWN_GRACE_MS: '5000' });
  stream.send(searchMessage('last', [9, 0]));
  await eventually('one under way', () => waiting.length === 1);
  const closed = gateway.close();
  await eventually('the drain', () => gateway.logLines.some((line) => line.includes('"draining"')));
  stream.send(searchMessage('late', [1, 0]));
  const call = take(0);
  if (call !== undefined) answerIt(call);
  expect(resultOf(await stream.reply('last'))).toBe(9n);
  expect(await stream.ended).toEqual({ code: 14, reason: 'SHUTTING_DOWN' });
  await closed;
});

test('a drain does not wait for ever: a search that hangs is answered with SHUTTING_DOWN', async () => {
  const stream = await start({ SHUTDOWN_GRACE_MS: '1500' });
  stream.send(searchMessage('hangs', [9, 0]));
  await eventually('one under way', () => waiting.length === 1);
  const closed = gateway.close();
  expect(reasonOf(await stream.reply('hangs'))).toBe('SHUTTING_DOWN');
  expect(await stream.ended).toEqual({ code: 14, reason: 'SHUTTING_DOWN' });
  await closed;
});

test('silence ends a stream, but not while a search is under way', async () => {
  const stream = await start({ STREAM_IDLE_MS: '200' });
  stream.send(searchMessage('slow', [3, 0]));
  await eventually('one under way', () => waiting.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const call = take(0);
  if (call !== undefined) answerIt(call);
  expect(resultOf(await stream.reply('slow'))).toBe(3n);
  expect(await stream.ended).toEqual({ code: 10, reason: 'STREAM_IDLE' });
});

test('who does not read the replies stops only this stream', async () => {
  const other = await start();
  const text = 'x'.repeat(200_000);
  onSearch = (call) => answerIt(call, text);
  const session = openSession(gateway.address);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/vectorgateway.v1.PointsService/StreamSearchPoints',
    'content-type': 'application/grpc',
    te: 'trailers',
    'x-company-id': '42',
  });
  stream.on('error', () => undefined);
  stream.pause();
  for (let index = 0; index < 500; index += 1) {
    stream.write(framed(searchMessage(String(index), [index, 0])));
  }
  const searches = (): number => peer.calls.filter(({ method }) => method === 'Points/Search').length;
  await eventually('some searches', () => searches() > 0);
  let before = -1;
  await eventually('no further search', async () => {
    const now = searches();
    const isQuiet = now === before;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return isQuiet;
  });
  expect(searches()).toBeLessThan(150);
  other.send(searchMessage('other', [7, 0]));
  expect(resultOf(await other.reply('other'))).toBe(7n);
  // Once it reads, it gets all of them.
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  stream.resume();
  stream.end();
  await new Promise((resolve) => stream.on('close', resolve));
  expect(searches()).toBe(501);
  expect(bytes).toBeGreaterThan(500 * 200_000);
  session.destroy();
  other.end();
  await other.ended;
});
