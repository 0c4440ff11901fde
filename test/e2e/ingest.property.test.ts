import fc from 'fast-check';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { IngestClient, ingestMessage } from '../support/ingest-client.js';
import { seedOf } from '../support/seed.js';
import { PeerFailureError, startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import { pointBytes } from '../support/upsert-stream-client.js';

/** Ids that the backend refuses; the gateway sees nothing wrong with them. */
const poisonFrom = 100;

let peer: UpsertPeer;
let gateway: TestGateway;
let client: IngestClient;
beforeAll(async () => {
  peer = await startUpsertPeer({
    dimension: 2,
    onUpsert: ({ points }) => {
      const ids = points.map(({ id }) => Number(id?.pointIdOptions.value));
      if (ids.some((id) => id >= poisonFrom)) throw new PeerFailureError(3, 'Wrong input: poison');
    },
  });
  gateway = await startTestGateway({ backendAddress: peer.address, env: { BATCH_POINTS: '7' } });
  client = new IngestClient(gateway.address);
});
afterAll(async () => {
  client.close();
  await gateway.close();
  peer.close();
});

interface Sent {
  readonly id: number;
  readonly kind: 'good' | 'bad' | 'poison';
}

const point = fc.record({
  id: fc.nat(12),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('good' as const) },
    { weight: 1, arbitrary: fc.constant('bad' as const) },
    { weight: 1, arbitrary: fc.constant('poison' as const) },
  ),
});
const messages = fc.array(fc.array(point, { maxLength: 12 }), { minLength: 1, maxLength: 12 });

let version = 0;

/** Sends the messages; resolves to the refused points as "sequence/index" and the last good version of each id. */
async function ingest(list: readonly (readonly Sent[])[]) {
  const expected = new Map<bigint, number>();
  const refused: string[] = [];
  const stream = client.open();
  for (const [at, points] of list.entries()) {
    const encoded = points.map(({ id, kind }, index) => {
      version += 1;
      if (kind === 'good') expected.set(BigInt(id), version);
      else refused.push(`${at + 1}/${index}`);
      return pointBytes(kind === 'poison' ? id + poisonFrom : id, kind === 'bad' ? [1] : [version, 0]);
    });
    await stream.send(ingestMessage(at + 1, encoded, { collection: 'docs' }));
  }
  stream.end();
  return { end: await stream.ended, replies: stream.replies, expected, refused };
}

test('each point has exactly one outcome, and the last good version of each id stays', async () => {
  await fc.assert(
    fc.asyncProperty(messages, async (list) => {
      const { end, replies, expected, refused } = await ingest(list);
      expect(end.code).toBe(0);
      expect(replies.at(-1)?.watermark).toBe(BigInt(list.length));
      const told = replies.flatMap(({ rejections }) =>
        rejections.map(({ sequence, index }) => `${sequence}/${index}`),
      );
      expect([...told].sort()).toEqual([...refused].sort());
      for (const [id, last] of expected) expect([id, peer.points.get(id)]).toEqual([id, last]);
      const received = list.flat().length;
      expect(end.summary).toMatchObject({
        received: BigInt(received),
        upserted: BigInt(received - refused.length),
        rejected: BigInt(refused.length),
      });
    }),
    { seed: seedOf('the streams'), numRuns: 60 },
  );
}, 60_000);
