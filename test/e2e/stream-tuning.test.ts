import { setTimeout as sleep } from 'node:timers/promises';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { PeerFailureError, startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import { connectStreamClient, pointBytes, streamMessage } from '../support/upsert-stream-client.js';

const unavailable = 14;

let peer: UpsertPeer;
let gateway: TestGateway;
/** Of each write, by its first point. */
let onWrite: (first: string) => Promise<void>;

beforeEach(async () => {
  peer = await startUpsertPeer({
    dimension: 2,
    onUpsert: ({ points }) => onWrite(String(points[0]?.id?.pointIdOptions.value)),
  });
});
afterEach(async () => {
  await gateway.close();
  peer.close();
});

const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
  gateway = await startTestGateway({
    backendAddress: peer.address,
    env: { BREAKER_MIN_CALLS: '1000', RETRY_BASE_DELAY_MS: '1', RETRY_BUDGET_PERCENT: '100', ...env },
  });
};

async function stream(points: number): Promise<void> {
  const client = connectStreamClient(gateway.address);
  const messages = function* () {
    for (let first = 0; first < points; first += 500) {
      const batch = Array.from({ length: 500 }, (_, index) => pointBytes(first + index, [1, 2]));
      yield streamMessage(batch, 'docs');
    }
  };
  expect(await client.run(messages())).toMatchObject({ code: 0, summary: { upserted: BigInt(points) } });
  client.close();
}

test('writes to a backend that answers soon become larger and more, up to their limits', async () => {
  onWrite = () => sleep(10);
  await start({ BATCH_POINTS: '512', BATCHES_IN_FLIGHT: '6' });
  await stream(80_000);
  expect(peer.batches[0]).toBe(256);
  expect(Math.max(...peer.batches)).toBe(512);
  expect(peer.mostAtATime).toBe(6);
});

test('writes to a backend in trouble become smaller, and larger again when it is well', async () => {
  const refused = new Set<string>();
  onWrite = async (first) => {
    await sleep(5);
    // The first try of each write, for some time.
    if (refused.size >= 20 || refused.has(first)) return;
    refused.add(first);
    throw new PeerFailureError(unavailable, 'busy');
  };
  await start();
  await stream(40_000);
  const smallest = peer.batches.indexOf(64);
  expect(smallest).toBeGreaterThan(0);
  expect(Math.max(...peer.batches.slice(smallest))).toBeGreaterThan(256);
});

test('switched off, writes are as large and as many as the limits say', async () => {
  onWrite = () => sleep(5);
  await start({ BATCH_TUNING: 'off', BATCH_POINTS: '300', BATCHES_IN_FLIGHT: '3' });
  await stream(9_000);
  expect(new Set(peer.batches)).toEqual(new Set([300]));
  expect(peer.mostAtATime).toBe(3);
});
