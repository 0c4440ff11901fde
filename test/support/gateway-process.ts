import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** A gateway as a process of its own, from dist/. */
export interface GatewayProcess {
  readonly address: string;
  readonly child: ChildProcess;
  /** Resident memory in bytes, now. Linux only. */
  residentBytes(): number;
  /** Sends SIGTERM and resolves to the exit code. */
  stop(): Promise<number | null>;
}

const main = resolve(__dirname, '../../dist/main.js');

export async function startGatewayProcess(
  backendAddress: string,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  if (!existsSync(main)) throw new Error('dist/main.js is missing: npm run build');
  const child = spawn(process.execPath, [main, 'serve'], {
    env: {
      PATH: process.env.PATH ?? '',
      QDRANT_URL: `http://${backendAddress}`,
      PORT: '0',
      METRICS_PORT: 'off',
      LOG_FORMAT: 'json',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((found, failed) => {
    child.on('exit', (code) => failed(new Error(`the gateway exited with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry: { msg?: string; address?: string } = JSON.parse(line);
      if (entry.msg === 'serving' && entry.address !== undefined) found(entry.address);
    });
  });
  return {
    address,
    child,
    residentBytes: () => {
      const status = readFileSync(join('/proc', String(child.pid), 'status'), 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    stop: () =>
      new Promise((stopped) => {
        child.removeAllListeners('exit');
        child.on('exit', (code) => stopped(code));
        child.kill('SIGTERM');
      }),
  };
}
