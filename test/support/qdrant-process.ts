import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';

/** A Qdrant as a process of its own, which may be killed and started again on its port and its data. */
export interface QdrantProcess {
  readonly url: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when its port is open. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/** Not started yet. `binary` is the path of a qdrant program. */
export async function createQdrantProcess(binary: string): Promise<QdrantProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-qdrant-'));
  const [grpcPort, httpPort] = [await freePort(), await freePort()];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  return {
    url: `http://127.0.0.1:${grpcPort}`,
    kill,
    start: async () => {
      child = spawn(binary, [], {
        cwd: folder,
        env: {
          QDRANT__SERVICE__HOST: '127.0.0.1',
          QDRANT__SERVICE__GRPC_PORT: String(grpcPort),
          QDRANT__SERVICE__HTTP_PORT: String(httpPort),
          QDRANT__STORAGE__STORAGE_PATH: join(folder, 'storage'),
          QDRANT__STORAGE__SNAPSHOTS_PATH: join(folder, 'snapshots'),
          QDRANT__TELEMETRY_DISABLED: 'true',
        },
        stdio: 'ignore',
      });
      await eventually('Qdrant opens its port', () => isOpen(grpcPort), 30_000);
    },
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
