import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/**
 * Starts a gateway with the embedded store on a temporary folder and a free port. `stop` ends it as a service manager
 * would (SIGTERM), removes the folder and resolves to the exit code.
 */
export async function startGateway() {
  const dataDir = await mkdtemp(join(tmpdir(), 'vector-gateway-demo-'));
  const settings = { PORT: '0', METRICS_PORT: 'off', LOG_FORMAT: 'json', DATA_DIR: dataDir };
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    const [code] = await exited;
    await rm(dataDir, { recursive: true, force: true });
    return code;
  };
  try {
    return { address: await addressOf(child, exited), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads the gateway's log until it says where it serves; what follows is read and dropped. */
async function addressOf(child, exited) {
  const lines = createInterface({ input: child.stdout });
  const serving = new Promise((resolve) => {
    lines.on('line', (line) => {
      const { msg, address } = JSON.parse(line);
      if (msg === 'serving') resolve(address);
    });
  });
  const died = exited.then(([code]) => {
    throw new Error(`the gateway ended at its start with exit code ${code}; its log says why`);
  });
  return Promise.race([serving, died]);
}
