import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.js';

export interface LogEntry {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A gateway with the embedded store, as a process of its own, from dist/. */
export interface EmbeddedProcess {
  readonly address: string;
  readonly child: ChildProcess;
  readonly log: readonly LogEntry[];
  /** Resolves when `count` lines with this message were logged. */
  logged(msg: string, count?: number): Promise<void>;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

export interface EmbeddedProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of node, before the script. */
  readonly nodeArgs?: readonly string[];
  /** Runs the process below a command, such as one that sets a limit. */
  readonly below?: readonly string[];
}

const main = resolve(__dirname, '../../dist/main.js');

export async function startEmbeddedProcess(
  dataDir: string,
  { env = {}, nodeArgs = [], below = [] }: EmbeddedProcessOptions = {},
): Promise<EmbeddedProcess> {
  const [command = '', ...args] = [...below, process.execPath, ...nodeArgs, main, 'serve'];
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0', METRICS_PORT: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: LogEntry[] = [];
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line)));
  const exited = once(child, 'exit').then(() => undefined);
  const count = (msg: string) => log.filter((entry) => entry.msg === msg).length;
  const logged = (msg: string, wanted = 1) =>
    eventually(
      `"${msg}" is logged`,
      () => {
        if (count(msg) < wanted && child.exitCode !== null) throw new Error(`the gateway ended: ${errors}`);
        return count(msg) >= wanted;
      },
      10_000,
    );
  await logged('serving');
  return {
    address: String(log.find(({ msg }) => msg === 'serving')?.address),
    child,
    log,
    logged,
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}
