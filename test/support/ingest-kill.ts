import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliProcess, startCli } from './cli-process.js';
import { ingestAll } from './ingest-loop.js';
import { JsonTenant } from './json-tenant.js';
import { seededRandom } from './seed.js';
import { pointBytes } from './upsert-stream-client.js';

const perMessage = 100;
const maxRunMs = 60_000;
/** Messages that may be unsettled, and so the most that is sent again after a kill. */
export const ingestWindow = 40;

/** A gateway with the embedded store that is killed now and then and started again on the same folder. */
export async function serveAgain(
  dataDir: string,
  port = '0',
): Promise<CliProcess & { readonly address: string }> {
  const gateway = startCli(['serve'], { DATA_DIR: dataDir, PORT: port, METRICS_PORT: 'off' }, maxRunMs);
  const out = await gateway.until(/"msg":"serving"/);
  const line = out.split('\n').find((text) => text.includes('"msg":"serving"')) ?? '{}';
  const served: { address: string } = JSON.parse(line);
  return { ...gateway, ...served };
}

/** Ingests while the gateway is killed with -9 at random replies; one point in each message is bad. */
export async function ingestUnderKills(points: number, kills: number) {
  const dataDir = mkdtempSync(join(tmpdir(), 'vector-gateway-kill-'));
  const random = seededRandom('the kills');
  let gateway = await serveAgain(dataDir);
  const tenant = new JsonTenant(gateway.address, '42');
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
    messages,
    window: ingestWindow,
    address: async () => {
      if (gateway.child.exitCode !== null || gateway.child.signalCode !== null)
        gateway = await serveAgain(dataDir);
      return gateway.address;
    },
    onReply: () => {
      untilKill -= 1;
      if (untilKill > 0 || left === 0) return;
      left -= 1;
      gateway.child.kill('SIGKILL');
      plan();
    },
  });
  const count = await countAndStop(gateway);
  rmSync(dataDir, { recursive: true, force: true });
  return { ...result, count, messages: messages.length, killed: kills - left };
}

async function countAndStop(gateway: CliProcess & { readonly address: string }): Promise<unknown> {
  const reader = new JsonTenant(gateway.address, '42');
  try {
    return await reader.call('CountPoints', { collection: 'docs' });
  } finally {
    reader.close();
    gateway.child.kill('SIGTERM');
    await gateway.ended;
  }
}
