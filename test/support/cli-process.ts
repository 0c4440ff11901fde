import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const main = resolve(__dirname, '../../dist/main.js');

/** What became of one run of the command line. */
export interface CliResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** Resolves to the whole standard output once `pattern` is in it; rejects when the process ends before. */
  until(pattern: RegExp): Promise<string>;
}

const MAX_RUN_MS = 15_000;

/** Starts dist/main.js with this environment only. A run that takes too long is killed and has no code. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  maxRunMs = MAX_RUN_MS,
): CliProcess {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
    for (const watcher of watchers) watcher();
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), maxRunMs);
  const ended = new Promise<CliResult>((done) => {
    child.on('close', (code) => {
      clearTimeout(limit);
      done({ code, out, err });
    });
  });
  const until = (pattern: RegExp) =>
    new Promise<string>((found, failed) => {
      const look = () => {
        if (!pattern.test(out)) return;
        watchers.delete(look);
        found(out);
      };
      watchers.add(look);
      look();
      ended.then(() => failed(new Error(`ended before ${pattern} was printed: ${out}${err}`)));
    });
  return { child, ended, until };
}

export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin = '',
): Promise<CliResult> {
  const { child, ended } = startCli(args, env);
  child.stdin?.end(stdin);
  return ended;
}
