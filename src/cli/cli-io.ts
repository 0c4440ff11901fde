import type { Readable } from 'node:stream';
import type { Environment } from '../config/index.js';

/** What commands read and write, so that nothing else touches the process. */
export interface CliIo {
  readonly env: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  out(text: string): void;
  err(text: string): void;
  /** Stdout is a terminal: texts for people rather than for programs. */
  readonly isTerminal: boolean;
}

/** Exit codes of every command; `serve` adds the last. */
export const ExitCode = {
  OK: 0,
  /** It could not be done, or the second signal cut it off. */
  FAILED: 1,
  /** A flag, a variable or a file of settings is wrong. */
  USAGE: 2,
  /** A fault in the gateway itself (EX_SOFTWARE of sysexits). */
  INTERNAL: 70,
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
    isTerminal: process.stdout.isTTY === true,
  };
}
