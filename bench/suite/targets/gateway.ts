import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import type { ChildTarget } from './child.js';
import { channelOptions } from './direct.js';

export interface GatewayOptions {
  /** Over those of the surroundings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder for a CPU profile, written when the gateway stops. */
  readonly profileInto?: string;
}

const startTimeoutMs = 20_000;

/** `node dist/main.js serve` with its defaults: on QDRANT_URL, or on an embedded store of its own in a temporary folder. */
export async function startGateway({ env = {}, profileInto }: GatewayOptions = {}): Promise<ChildTarget> {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), 'vector-gateway-bench-'));
  const profile = profileInto === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileInto}`];
  const child = spawn(process.execPath, [...profile, join('dist', 'main.js'), 'serve'], {
    env: {
      ...surroundings(),
      DATA_DIR: dataDir,
      PORT: String(port),
      METRICS_PORT: 'off',
      LOG_FORMAT: 'json',
      ...env,
    },
    // The log is written as always, and read by nobody: a reader in the driver would be measured too.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // A bench that is interrupted leaves no gateway behind.
  const endWithBench = () => child.kill('SIGKILL');
  process.once('exit', endWithBench);
  const exited = once(child, 'exit');
  const address = `127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    process.removeListener('exit', endWithBench);
    rmSync(dataDir, { recursive: true, force: true });
  };
  const failed = exited.then(([code]) => {
    throw new Error(`the gateway ended with code ${code}; \`node dist/main.js serve\` says why`);
  });
  try {
    await Promise.race([untilReady(address), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  // From here on its end is seen by the calls.
  failed.catch(() => undefined);
  return { address, pid: child.pid ?? 0, stop };
}

/** What decides where and how Qdrant is reached; no other setting of the surroundings changes what is measured. */
function surroundings(): Record<string, string | undefined> {
  const names = Object.keys(process.env).filter((name) => name === 'PATH' || name.startsWith('QDRANT_'));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilReady(address: string): Promise<void> {
  const client = new Client(address, credentials.createInsecure(), {
    ...channelOptions,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 100,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + startTimeoutMs, (error) =>
        error === undefined ? resolve() : reject(new Error(`no gateway within ${startTimeoutMs} ms`)),
      );
    });
  } finally {
    client.close();
  }
}
