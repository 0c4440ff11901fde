import { setTimeout as sleep } from 'node:timers/promises';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import {
  PeerFailureError,
  startUpsertPeer,
  type UpsertPeer,
  type UpsertPeerOptions,
} from '../support/upsert-peer.js';
import {
  connectStreamClient,
  goodMessages,
  pointBytes,
  type StreamClient,
  streamMessage,
} from '../support/upsert-stream-client.js';
import { lengthField, varintField } from '../support/wire-bytes.js';

let behaviour: UpsertPeerOptions['onUpsert'];
let peer: UpsertPeer;
let gateway: TestGateway;
let client: StreamClient;

beforeEach(async () => {
  behaviour = undefined;
  peer = await startUpsertPeer({ dimension: 4, onUpsert: (...write) => behaviour?.(...write) });
  gateway = await startTestGateway({ backendAddress: peer.address });
  client = connectStreamClient(gateway.address);
});
afterEach(async () => {
  client.close();
  await gateway.close();
  peer.close();
});

const good = [1, 2, 3, 4] as const;

describe('batches', () => {
  test('are formed anew, whatever the messages are', async () => {
    const small = await client.run(goodMessages(1000, 1));
    expect(small).toMatchObject({ code: 0, summary: { received: 1000n, upserted: 1000n, rejected: 0n } });
    const large = await client.run(goodMessages(1000, 1000));
    expect(large.summary).toMatchObject({ upserted: 1000n, batches: 4n, retries: 0n, durableThrough: 999n });
    expect(peer.batches.slice(-4)).toEqual([256, 256, 256, 232]);
    expect(peer.points.size).toBe(1000);
  });

  test('are sent several at a time', async () => {
    behaviour = () => sleep(20).then(() => undefined);
    await client.run(goodMessages(2048, 256));
    expect(peer.mostAtATime).toBe(4);
    expect(peer.overlaps).toEqual([]);
  });

  test('that are not full are sent while the caller is silent', async () => {
    let arrived: () => void = () => undefined;
    const sent = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    behaviour = () => arrived();
    const stream = client.open();
    await stream.send(streamMessage([pointBytes(7, good)], 'docs'));
    await sent;
    stream.end();
    expect(await stream.ended).toMatchObject({
      code: 0,
      summary: { received: 1n, upserted: 1n, batches: 1n },
    });
  });

  test('carry the ordering of the first message', async () => {
    const orderings: unknown[] = [];
    behaviour = (request) => void orderings.push(request.ordering?.type);
    const strong = lengthField(4, varintField(1, 2));
    const first = streamMessage([pointBytes(1, good)], 'docs', strong);
    expect((await client.run([first, streamMessage([pointBytes(2, good)], '', strong)])).code).toBe(0);
    expect(new Set(orderings)).toEqual(new Set([2]));
    const changed = await client.run([
      first,
      streamMessage([pointBytes(2, good)], '', lengthField(4, varintField(1, 1))),
    ]);
    expect(changed).toMatchObject({ code: 3, reason: 'FIELD_INVALID', summary: { received: 1n } });
  });
});

describe('one id', () => {
  test('sent in 1,000 versions ends with the last, although writes take random times', async () => {
    behaviour = () => sleep(Math.random() * 15).then(() => undefined);
    const messages = Array.from({ length: 1000 }, (_, version) =>
      streamMessage([pointBytes(5, [version, 0, 0, 1]), pointBytes(1000 + version, good)], 'docs'),
    );
    const end = await client.run(messages);
    expect(end).toMatchObject({ code: 0, summary: { received: 2000n, upserted: 2000n } });
    expect(peer.points.get(5n)).toBe(999);
    expect(peer.points.size).toBe(1001);
    expect(peer.overlaps).toEqual([]);
    expect(peer.batches.length).toBeGreaterThan(5);
  });

  test('that repeats does not pass a batch that is retried', async () => {
    behaviour = (_request, number) => {
      if (number === 1) throw new PeerFailureError(14, 'busy');
    };
    const end = await client.run([
      streamMessage(
        Array.from({ length: 256 }, (_, id) => pointBytes(id, [1, 0, 0, 0])),
        'docs',
      ),
      streamMessage(Array.from({ length: 256 }, (_, id) => pointBytes(id, [2, 0, 0, 0]))),
    ]);
    expect(end).toMatchObject({ code: 0, summary: { upserted: 512n, batches: 2n, retries: 1n } });
    expect(new Set(peer.points.values())).toEqual(new Set([2]));
  });
});

describe('bad points', () => {
  test('do not fail the stream: the summary lists them by their index in the stream', async () => {
    const end = await client.run([
      streamMessage([pointBytes(1, good), pointBytes(2, [1, 2])], 'docs'),
      streamMessage([pointBytes(3, [1, 2, Number.NaN, 4]), pointBytes(4, good)]),
    ]);
    expect(end).toMatchObject({
      code: 0,
      summary: { received: 4n, upserted: 2n, rejected: 2n, durableThrough: 3n, rejectionsOmitted: 0n },
    });
    expect(end.summary?.rejections).toMatchObject([
      { index: 1n, id: { pointIdOptions: { value: 2n } }, reason: 'VECTOR_DIMENSION_MISMATCH' },
      { index: 2n, id: { pointIdOptions: { value: 3n } }, reason: 'VECTOR_NOT_FINITE', field: 'vector[2]' },
    ]);
    expect([...peer.points.keys()]).toEqual([1n, 4n]);
  });

  test('are all counted, and listed up to 1,000', async () => {
    const bad = Array.from({ length: 500 }, (_, id) => pointBytes(id, []));
    const end = await client.run([
      streamMessage(bad, 'docs'),
      streamMessage(bad),
      streamMessage([...bad.slice(0, 3), pointBytes(9, good)]),
    ]);
    expect(end.summary).toMatchObject({
      rejected: 1003n,
      upserted: 1n,
      rejectionsOmitted: 3n,
      durableThrough: 1003n,
    });
    expect(end.summary?.rejections).toHaveLength(1000);
  });

  test('alone make a stream that stores nothing and says so', async () => {
    const end = await client.run([streamMessage([pointBytes(1, [])], 'docs')]);
    expect(end).toMatchObject({
      code: 0,
      summary: { received: 1n, upserted: 0n, rejected: 1n, batches: 0n, durableThrough: 0n },
    });
  });
});

describe('messages', () => {
  test('a stream without any has an empty summary', async () => {
    const end = await client.run([]);
    expect(end).toMatchObject({
      code: 0,
      summary: { received: 0n, upserted: 0n, durableThrough: undefined },
    });
  });

  test.each([
    ['names another collection', streamMessage([pointBytes(2, good)], 'other'), 'FIELD_INVALID'],
    ['asks not to wait', streamMessage([pointBytes(2, good)], '', varintField(2, 0)), 'FIELD_UNSUPPORTED'],
    ['is malformed', Buffer.from([0x1a, 0x7f]), 'REQUEST_MALFORMED'],
    [
      'holds 10,001 points',
      streamMessage(Array.from({ length: 10_001 }, () => Buffer.alloc(0))),
      'LIMIT_EXCEEDED',
    ],
  ])('one that %s ends the stream with the summary of what came before', async (_name, message, reason) => {
    const end = await client.run([streamMessage([pointBytes(1, good)], 'docs'), message]);
    expect(end).toMatchObject({ code: 3, reason, summary: { received: 1n } });
    expect(end.message).toContain('points received are stored');
  });
});
