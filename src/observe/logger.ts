import { type DestinationStream, destination, type Logger as Pino, pino, stdTimeFunctions } from 'pino';
import { type Code, codeName } from './code-name.js';
import { prettyLine } from './pretty.js';
import { cleanFields, cleanLogText, type LogFields } from './redact.js';

/** What is logged of every call when it ends: one line. */
export interface CallRecord {
  readonly requestId: string;
  /** Undefined when the call ended before its tenant was known. */
  readonly tenant: string | undefined;
  /** The name of who calls: of a key, a token or a certificate, never a secret. */
  readonly principal?: string | undefined;
  readonly rpc: string;
  /** gRPC status code. */
  readonly code: Code;
  readonly durationMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Calls made to the backend for it. */
  readonly attempts: number;
  /** Why it failed: a reason of the closed list, or a short text. */
  readonly reason?: string | undefined;
  /** Of an unexpected failure; never sent to the caller. */
  readonly cause?: unknown;
}

/** Writes one line a call of its methods. Text of callers is escaped and cut, secrets are hidden, nothing throws. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  call(record: CallRecord): void;
  /** Writes out what is still held; for the end of the process. */
  flush(): void;
}

export type LoggerLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level?: LoggerLevel;
  /** auto: pretty when stdout is a terminal. */
  readonly format?: 'auto' | 'json' | 'pretty';
  /** Where lines go instead of stdout; it is given whole lines. */
  readonly write?: (line: string) => void;
}

export function createLogger(options: LoggerOptions = {}): Logger {
  const format = options.format ?? 'auto';
  const isTerminal = options.write === undefined && process.stdout.isTTY === true;
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const sink = openSink(options.write);
  const useColour = isTerminal && (process.env.NO_COLOR ?? '') === '';
  const stream: DestinationStream = isPretty
    ? { write: (line) => sink.write(prettyLine(line, useColour)) }
    : { write: (line) => sink.write(line) };
  const log = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      // cleanFields has made errors plain already; pino's own serializer would rename their parts.
      serializers: { err: (value: unknown) => value },
    },
    stream,
  );
  return buildLogger(log, sink.flush);
}

function buildLogger(log: Pino, flush: () => void): Logger {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) => {
      if (log.isLevelEnabled(level)) log[level](cleanFields(fields), cleanLogText(message));
    };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    call(record) {
      const level = callLevel(record);
      if (!log.isLevelEnabled(level)) return;
      const { code, durationMs, ...rest } = record;
      const fields = { ...rest, code: codeName(code), durationMs: Math.round(durationMs * 1_000) / 1_000 };
      log[level](cleanFields(fields), 'call');
    },
    flush,
  };
}

/** Failures of the gateway or of what is behind it stand out; mistakes of callers are ordinary. */
function callLevel(record: CallRecord): 'info' | 'warn' | 'error' {
  const name = codeName(record.code);
  if (record.cause !== undefined || ['INTERNAL', 'UNKNOWN', 'DATA_LOSS'].includes(name)) return 'error';
  return name === 'UNAVAILABLE' ? 'warn' : 'info';
}

const MAX_HELD_BYTES = 8 * 1024 * 1024;
// Each write is handed to another thread, which costs more than the line: those of a moment go together.
const GATHERED_BYTES = 8 * 1024;
const GATHER_MS = 10;

interface Sink {
  write(line: string): void;
  flush(): void;
}

/**
 * Stdout without blocking the calls: a reader that stalls costs lines (beyond 8 MiB held), one that has gone costs
 * all of them, and neither costs the process.
 */
function openSink(write: ((line: string) => void) | undefined): Sink {
  if (write !== undefined) return { write, flush: () => undefined };
  const stdout = destination({
    dest: 1,
    sync: false,
    maxLength: MAX_HELD_BYTES,
    minLength: GATHERED_BYTES,
  });
  // Without a listener an error of the stream would end the process.
  stdout.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const writeOut = (): void => {
    timer = undefined;
    stdout.flush();
  };
  return {
    write(line) {
      stdout.write(line);
      timer ??= setTimeout(writeOut, GATHER_MS);
    },
    flush() {
      clearTimeout(timer);
      try {
        stdout.flushSync();
      } catch {
        // The reader has gone or the disk is full: there is nowhere left to say it.
      }
    },
  };
}
