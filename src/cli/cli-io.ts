import { basename, relative } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../config/index.js';

/** What commands read and write, so that nothing else touches the process. */
export interface CliIo {
  readonly env: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  out(text: string): void;
  err(text: string): void;
  /** Standard output for much data: whoever writes to it minds its pace. */
  readonly stdout: Writable;
  /** Stdout is a terminal: texts for people rather than for programs. */
  readonly isTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Characters in a line of the terminal. */
  columns(): number;
  /** How this program is called, for commands that are printed to be pasted. */
  readonly self: string;
}

/** Exit codes of every command; `serve` adds INTERNAL, `ingest` those from 3 on. */
export const ExitCode = {
  OK: 0,
  /** It could not be done, or the second signal cut it off. */
  FAILED: 1,
  /** A flag, a variable or a file of settings is wrong. */
  USAGE: 2,
  /** Everything was read, and some rows were rejected. */
  REJECTED: 3,
  /** A row was rejected, and none was to be. */
  STRICT: 4,
  /** A fault in the gateway itself (EX_SOFTWARE of sysexits). */
  INTERNAL: 70,
  /** SIGINT and SIGTERM, as shells number them. */
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The process as commands see it. */
export function processIo(): CliIo {
  // A reader that has gone (`| head`) is no reason to end a server.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return {
    env: process.env,
    stdin: process.stdin,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stdout: process.stdout,
    isTerminal: process.stdout.isTTY === true,
    isErrTerminal: process.stderr.isTTY === true,
    columns: () => process.stderr.columns ?? process.stdout.columns ?? 80,
    self: selfOf(process.argv[1] ?? 'vector-gateway'),
  };
}

function selfOf(script: string): string {
  const name = basename(script);
  return name.endsWith('.js') ? `node ${relative('', script)}` : name;
}
