import { setTimeout as sleep } from 'node:timers/promises';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { startUpsertPeer } from '../support/upsert-peer.js';
import { connectStreamClient, pointBytes, streamMessage } from '../support/upsert-stream-client.js';

const dimension = 256;
const perMessage = 256;
const mebibyte = 1024 * 1024;

/** Messages of points with ids of their own, made from one template. */
function* manyMessages(points: number): Generator<Buffer> {
  const vector = Array.from({ length: dimension }, (_, index) => index / dimension);
  for (let first = 0; first < points; first += perMessage) {
    const count = Math.min(perMessage, points - first);
    const batch = Array.from({ length: count }, (_, index) => pointBytes(first + index, vector));
    yield streamMessage(batch, first === 0 ? 'docs' : undefined);
  }
}

/** The most resident memory while `work` runs, in bytes. */
async function peakDuring(gateway: GatewayProcess, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  let peak = 0;
  const over = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    peak = Math.max(peak, gateway.residentBytes());
    await Promise.race([over, sleep(50)]);
  }
  return peak;
}

/** Points a second through a gateway of its own into a backend that is not slowed. */
async function fullSpeed(backend: string, points: number): Promise<number> {
  const gateway = await startGatewayProcess(backend);
  const client = connectStreamClient(gateway.address);
  await sleep(1000);
  const idle = gateway.residentBytes();
  const beganAtMs = performance.now();
  const run = client.run(manyMessages(points));
  const peak = await peakDuring(gateway, run);
  expect((await run).code).toBe(0);
  const seconds = (performance.now() - beganAtMs) / 1000;
  console.info(`at full speed over idle ${toMiB(peak - idle)} MiB`);
  client.close();
  await gateway.stop();
  return points / seconds;
}

/** A backend that stores points one after the other, at a rate that can be set. */
async function startPacedPeer() {
  let pointsPerSecond = Number.POSITIVE_INFINITY;
  let busyUntilMs = 0;
  const bytesPerPoint = dimension * 4;
  const peer = await startUpsertPeer({
    dimension,
    countOnly: true,
    onUpsert: async (_, __, bytes) => {
      const nowMs = performance.now();
      const workMs = ((bytes / bytesPerPoint) * 1000) / pointsPerSecond;
      busyUntilMs = Math.max(busyUntilMs, nowMs) + workMs;
      if (workMs > 0) await sleep(busyUntilMs - nowMs);
    },
  });
  return {
    peer,
    slowTo: (rate: number) => {
      pointsPerSecond = rate;
    },
  };
}

test.each([
  { times: 10, points: 1_000_000 },
  { times: 50, points: 60_000 },
])(
  'into a backend that is slowed $times times, $points points take at most 96 MiB over idle',
  async ({ times, points }) => {
    const { peer, slowTo } = await startPacedPeer();
    const fastRate = await fullSpeed(peer.address, 100_000);
    const gateway = await startGatewayProcess(peer.address);
    const client = connectStreamClient(gateway.address);
    await sleep(1000);
    const idle = gateway.residentBytes();
    slowTo(fastRate / times);
    const slowBeganAtMs = performance.now();
    const run = client.run(manyMessages(points));
    const peak = await peakDuring(gateway, run);
    const slowRate = (points / (performance.now() - slowBeganAtMs)) * 1000;
    const all = BigInt(points);
    expect(await run).toMatchObject({ code: 0, summary: { received: all, upserted: all } });
    console.info(
      `idle ${toMiB(idle)}, peak ${toMiB(peak)}, over idle ${toMiB(peak - idle)} MiB; ` +
        `${Math.round(fastRate)} points/s at full speed, ${Math.round(slowRate)} slowed (${dimension} floats each)`,
    );
    expect(peak - idle).toBeLessThanOrEqual(96 * mebibyte);
    client.close();
    expect(await gateway.stop()).toBe(0);
    peer.close();
  },
  600_000,
);

const toMiB = (bytes: number): string => (bytes / mebibyte).toFixed(1);
