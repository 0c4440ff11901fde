import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { type EmbeddedProcess, startEmbeddedProcess } from '../support/embedded-process.js';
import { eventually } from '../support/eventually.js';

import { JsonTenant } from '../support/json-tenant.js';
import { MARKED_SIZE, MarkedClient, markedPoints } from '../support/marked-points.js';

const DEATHS = 4;
const died = 'embedded store died, starting it again';
const again = 'embedded store serves again';

let dataDir: string;
let gateway: EmbeddedProcess;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-thread-'));
  const preload = join(__dirname, '..', 'support', 'store-fault.cjs');
  gateway = await startEmbeddedProcess(dataDir, {
    nodeArgs: ['--require', preload],
    // The circuit breaker stays out of this: it would hold calls back long after the store serves again.
    env: { BREAKER_MIN_CALLS: '100000' },
  });
  const tenant = new JsonTenant(gateway.address, '42');
  const size = { vector_size: MARKED_SIZE, distance: 'DISTANCE_DOT' };
  await tenant.call('CreateCollection', { collection: 'docs', ...size });
  tenant.close();
});
afterEach(async () => {
  await gateway.kill();
  await rm(dataDir, { recursive: true, force: true });
});

class Writers {
  readonly acknowledged = new Set<bigint>();
  readonly failures = new Set<string>();
  readonly #client: MarkedClient;
  readonly #running: Promise<unknown>;
  #next = 1n;
  #isOver = false;

  constructor(address: string) {
    this.#client = new MarkedClient(address);
    this.#running = Promise.all([this.#write(), this.#write(), this.#write(), this.#write()]);
  }

  async #write(): Promise<void> {
    while (!this.#isOver) {
      const write = this.#next++;
      const { code } = await this.#client.upsert(markedPoints(write, write * 100n, 20));
      if (code === status.OK) this.acknowledged.add(write);
      else this.failures.add(String(status[code]));
    }
  }

  /** Resolves when more writes were acknowledged than now. */
  progress(): Promise<void> {
    const { size } = this.acknowledged;
    return eventually('writes are acknowledged again', () => this.acknowledged.size > size + 10, 10_000);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    this.#client.close();
  }
}

test('the death of its thread is the death of a backend: calls are UNAVAILABLE for a while, and nothing is lost', async () => {
  const writers = new Writers(gateway.address);
  for (let death = 1; death <= DEATHS; death++) {
    await writers.progress();
    gateway.child.kill('SIGUSR2');
    await gateway.logged(died, death);
    await gateway.logged(again, death);
  }
  await writers.progress();
  await writers.stop();
  // The same process goes on, each start later than the one before.
  expect(gateway.child.exitCode).toBeNull();
  const deaths = gateway.log.filter(({ msg }) => msg === died);
  expect(deaths.map(({ delayMs }) => delayMs)).toEqual([50, 100, 200, 400]);
  for (const { cause } of deaths) expect(cause).toContain('a fault made by a test');
  expect([...writers.failures]).toEqual(['UNAVAILABLE']);
  const client = new MarkedClient(gateway.address);
  const found = new Map<bigint, number>();
  for (const { write } of await client.all()) found.set(write, (found.get(write) ?? 0) + 1);
  expect([...writers.acknowledged].filter((write) => !found.has(write))).toEqual([]);
  // Whole or absent, also what nobody was told of.
  expect(new Set(found.values())).toEqual(new Set([20]));
  client.close();
  expect(await gateway.stop()).toBe(0);
}, 60_000);
