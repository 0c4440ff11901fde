import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliProcess, startCli } from './cli-process.js';
import { eventually } from './eventually.js';
import { ingestAll } from './ingest-loop.js';
import { JsonTenant } from './json-tenant.js';
import { seededRandom } from './seed.js';
import { pointBytes } from './upsert-stream-client.js';

const perMessage = 100;
const maxRunMs = 300_000;
/** Messages that may be unsettled, and so the most that is sent again after a kill. */
export const ingestWindow = 40;

type ServingGateway = CliProcess & { readonly address: string };

/** Starts a gateway, on the same port and folder as one that was killed. */
export async function serveAgain(dataDir: string, port = '0'): Promise<ServingGateway> {
  return serve({ DATA_DIR: dataDir, PORT: port });
}

async function serve(env: Readonly<Record<string, string>>): Promise<ServingGateway> {
  const gateway = startCli(['serve'], { PORT: '0', METRICS_PORT: 'off', ...env }, maxRunMs);
  const out = await gateway.until(/"msg":"serving"/);
  const line = out.split('\n').find((text) => text.includes('"msg":"serving"')) ?? '{}';
  const served: { address: string } = JSON.parse(line);
  return { ...gateway, ...served };
}

/** What the gateway of a run stands before. */
export interface KillGround {
  /** Settings of the gateway. */
  readonly env: Readonly<Record<string, string>>;
  readonly tenant: string;
  /** A backend that can be killed on its own. */
  readonly backend?: { kill(): Promise<void>; start(): Promise<void> };
}

/** A store in the gateway's own process, in a new folder. */
export async function withEmbeddedGround<T>(work: (ground: KillGround) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vector-gateway-kill-'));
  try {
    return await work({ env: { DATA_DIR: dataDir }, tenant: '42' });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Ingests while gateway and backend are killed with -9 at random replies; one point in each message is bad. */
export async function ingestUnderKills(points: number, kills: number, ground: KillGround) {
  const random = seededRandom('the kills');
  const victims = new Victims(ground, await serve(ground.env), random);
  const tenant = new JsonTenant(victims.address, ground.tenant);
  await tenant.call('CreateCollection', { collection: 'docs', vector_size: 4 });
  tenant.close();
  const messages = Array.from({ length: points / perMessage }, (_, message) =>
    Array.from({ length: perMessage }, (_point, index) =>
      pointBytes(message * perMessage + index, index === message % perMessage ? [1] : [1, 2, 3, 4]),
    ),
  );
  let left = kills;
  let untilKill = 0;
  const plan = (): void => {
    untilKill = 1 + Math.floor(random() * (messages.length / (kills + 1)) * 0.4);
  };
  plan();
  const result = await ingestAll({
    collection: 'docs',
    tenant: ground.tenant,
    messages,
    window: ingestWindow,
    address: async () => {
      await victims.revive();
      return victims.address;
    },
    onReply: () => {
      untilKill -= 1;
      if (untilKill > 0 || left === 0) return;
      left -= 1;
      victims.kill();
      plan();
    },
  });
  await victims.revive();
  const count = await countAndStop(victims, ground.tenant);
  const { killedBackends } = victims;
  return { ...result, count, messages: messages.length, killed: kills - left, killedBackends };
}

/** The processes that are killed. */
class Victims {
  readonly #ground: KillGround;
  readonly #random: () => number;
  #gateway: ServingGateway;
  // Resolved when they are gone; undefined while they run.
  #gatewayGone: Promise<unknown> | undefined;
  #backendGone: Promise<void> | undefined;
  killedBackends = 0;

  constructor(ground: KillGround, gateway: ServingGateway, random: () => number) {
    this.#ground = ground;
    this.#gateway = gateway;
    this.#random = random;
  }

  get address(): string {
    return this.#gateway.address;
  }

  /** One of the two, or both. */
  kill(): void {
    const { backend } = this.#ground;
    const which = backend === undefined ? 0 : this.#random() * 3;
    if (which < 2) {
      this.#gateway.child.kill('SIGKILL');
      this.#gatewayGone = this.#gateway.ended;
    }
    if (backend === undefined || which < 1) return;
    this.killedBackends += 1;
    this.#backendGone = backend.kill();
  }

  /** Resolves when calls succeed. */
  async revive(): Promise<void> {
    if (this.#backendGone !== undefined) {
      await this.#backendGone;
      this.#backendGone = undefined;
      await this.#ground.backend?.start();
    }
    if (this.#gatewayGone !== undefined) {
      await this.#gatewayGone;
      this.#gatewayGone = undefined;
      this.#gateway = await serve(this.#ground.env);
    }
    const tenant = new JsonTenant(this.address, this.#ground.tenant);
    const answers = () =>
      tenant.call('GetCollection', { collection: 'docs' }).then(
        () => true,
        () => false,
      );
    await eventually('the gateway reaches its backend again', answers, 30_000);
    tenant.close();
  }

  async stop(): Promise<void> {
    this.#gateway.child.kill('SIGTERM');
    await this.#gateway.ended;
  }
}

async function countAndStop(victims: Victims, tenant: string): Promise<unknown> {
  const reader = new JsonTenant(victims.address, tenant);
  try {
    return await reader.call('CountPoints', { collection: 'docs', exact: true });
  } finally {
    reader.close();
    await victims.stop();
  }
}
