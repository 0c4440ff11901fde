import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { type EmbeddedProcess, startEmbeddedProcess } from '../support/embedded-process.js';
import { JsonTenant } from '../support/json-tenant.js';
import { MARKED_SIZE, MarkedClient, type MarkedPoint, markedPoints } from '../support/marked-points.js';
import { seededRandom } from '../support/seed.js';

const ROUNDS = 10;
const BATCH = 20;
const STREAM = 200;
/** Ids from here on are written over and over, all of them in each write. */
const HOT = 1_000_000_000n;

/** What was sent and what was answered OK, over all rounds. */
class Written {
  readonly batches = new Map<bigint, number>();
  readonly streams = new Map<bigint, number>();
  readonly acknowledged = new Set<bigint>();
  hotSent = 0n;
  hotAcknowledged = 0n;
  #next = 1n;

  /** Points that no other write has. */
  fresh(kind: 'batches' | 'streams', count: number): { write: bigint; points: MarkedPoint[] } {
    const write = this.#next++;
    this[kind].set(write, count);
    return { write, points: markedPoints(write, write * 1_000n, count) };
  }
}

/** Writes without a pause until a call fails; `onFirst` when one was acknowledged. */
async function ingest(address: string, written: Written, onFirst: () => void): Promise<void> {
  const client = new MarkedClient(address);
  const batches = async () => {
    for (;;) {
      const { write, points } = written.fresh('batches', BATCH);
      if ((await client.upsert(points)).code !== status.OK) return;
      written.acknowledged.add(write);
      onFirst();
    }
  };
  const streams = async () => {
    for (;;) {
      const { write, points } = written.fresh('streams', STREAM);
      if ((await client.stream(points, 50)).code !== status.OK) return;
      written.acknowledged.add(write);
    }
  };
  const hot = async () => {
    for (;;) {
      written.hotSent += 1n;
      if ((await client.upsert(markedPoints(written.hotSent, HOT, BATCH))).code !== status.OK) return;
      written.hotAcknowledged = written.hotSent;
    }
  };
  await Promise.all([batches(), batches(), batches(), streams(), hot()]);
  client.close();
}

async function check(address: string, written: Written): Promise<void> {
  const client = new MarkedClient(address);
  const points = await client.all();
  expect(await client.count()).toBe(points.length);
  const found = new Map<bigint, number>();
  for (const { id, write } of points) if (id < HOT) found.set(write, (found.get(write) ?? 0) + 1);
  const missing = [...written.acknowledged].filter(
    (write) => found.get(write) !== (written.batches.get(write) ?? written.streams.get(write)),
  );
  expect(missing).toEqual([]);
  // What was not acknowledged may be there, but not a part of it. A stream is several writes.
  const torn = [...written.batches].filter(
    ([write, count]) => ![undefined, count].includes(found.get(write)),
  );
  expect(torn).toEqual([]);
  const hot = points.filter(({ id }) => id >= HOT).map(({ write }) => write);
  expect([0, BATCH]).toContain(hot.length);
  expect(new Set(hot).size).toBeLessThanOrEqual(1);
  const last = hot[0] ?? 0n;
  expect(last >= written.hotAcknowledged && last <= written.hotSent).toBe(true);
  client.close();
}

async function createCollection(address: string): Promise<void> {
  const tenant = new JsonTenant(address, '42');
  await tenant.call('CreateCollection', {
    collection: 'docs',
    vector_size: MARKED_SIZE,
    distance: 'DISTANCE_DOT',
  });
  tenant.close();
}

let dataDir: string;
let gateway: EmbeddedProcess;
afterEach(async () => {
  await gateway.kill();
  await rm(dataDir, { recursive: true, force: true });
});

test('after kill -9 at ten random moments, all that was acknowledged is there, and every write is whole or absent', async () => {
  const random = seededRandom('the moments');
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-kill-'));
  const written = new Written();
  gateway = await startEmbeddedProcess(dataDir);
  await createCollection(gateway.address);
  for (let round = 0; round < ROUNDS; round++) {
    const { address } = gateway;
    let onFirst: () => void = () => undefined;
    const first = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const ingested = ingest(address, written, onFirst);
    await first;
    await sleep(random() * 400);
    await gateway.kill();
    await ingested;
    // What the dead process left lies in the way of the next one.
    expect(['store.sock', 'lock.sock'].map((name) => existsSync(join(dataDir, name)))).toEqual([true, true]);
    gateway = await startEmbeddedProcess(dataDir);
    await check(gateway.address, written);
  }
  expect(written.acknowledged.size).toBeGreaterThan(ROUNDS);
  console.info(
    `${written.acknowledged.size} writes acknowledged, ${written.hotAcknowledged} of the same points`,
  );
  expect(await gateway.stop()).toBe(0);
}, 90_000);
