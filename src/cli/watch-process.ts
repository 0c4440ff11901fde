import type { Gateway } from '../app/index.js';
import type { Logger } from '../observe/index.js';
import { ExitCode } from './cli-io.js';

export interface ProcessWatch {
  /** Resolves to the exit code when a signal, or a fault, has ended the gateway. */
  untilEnd(gateway: Gateway): Promise<ExitCode>;
  stop(): void;
}

const signals = ['SIGTERM', 'SIGINT'] as const;
// What closing may take beyond the grace time, which is the calls' alone.
const CLOSING_MS = 5_000;

/**
 * Turns signals into a drain. The first SIGTERM or SIGINT drains; the second cuts off. A promise that nobody handled is
 * logged and survived: what its failure left undone belongs to one call. After an exception that nobody caught the
 * state is unknown, so the process ends with code 70.
 */
export function watchProcess(log: Logger, graceMs: number): ProcessWatch {
  const watch = new Watch(log, graceMs);
  watch.start();
  return watch;
}

class Watch implements ProcessWatch {
  readonly #log: Logger;
  readonly #graceMs: number;
  #gateway: Gateway | undefined;
  #firstSignal: string | undefined;
  #overdue: NodeJS.Timeout | undefined;
  #finish: (code: ExitCode) => void = () => undefined;
  readonly #ended = new Promise<ExitCode>((resolve) => {
    this.#finish = resolve;
  });

  constructor(log: Logger, graceMs: number) {
    this.#log = log;
    this.#graceMs = graceMs;
  }

  start(): void {
    for (const signal of signals) process.on(signal, this.#onSignal);
    process.on('unhandledRejection', this.#onRejection);
    process.on('uncaughtException', this.#onException);
  }

  stop(): void {
    clearTimeout(this.#overdue);
    for (const signal of signals) process.off(signal, this.#onSignal);
    process.off('unhandledRejection', this.#onRejection);
    process.off('uncaughtException', this.#onException);
  }

  untilEnd(gateway: Gateway): Promise<ExitCode> {
    this.#gateway = gateway;
    if (this.#firstSignal !== undefined) this.#drain(gateway, this.#firstSignal);
    return this.#ended;
  }

  readonly #onSignal = (signal: string): void => {
    if (this.#firstSignal !== undefined) {
      this.#log.warn('second signal, cutting off', { signal });
      this.#cutOff(ExitCode.FAILED);
      return;
    }
    this.#firstSignal = signal;
    if (this.#gateway !== undefined) this.#drain(this.#gateway, signal);
  };

  readonly #onRejection = (reason: unknown): void => {
    this.#log.error('a failure that no code handled', { err: reason });
  };

  readonly #onException = (error: unknown): void => {
    this.#log.error('an exception that no code caught; ending', { err: error });
    this.#log.flush();
    this.#cutOff(ExitCode.INTERNAL);
  };

  #drain(gateway: Gateway, signal: string): void {
    this.#overdue = setTimeout(() => {
      this.#log.error('closing takes too long, cutting off');
      this.#cutOff(ExitCode.FAILED);
    }, this.#graceMs + CLOSING_MS);
    gateway.drain(signal).then(
      () => this.#finish(ExitCode.OK),
      (error: unknown) => {
        this.#log.error('the drain failed', { err: error });
        this.#cutOff(ExitCode.FAILED);
      },
    );
  }

  #cutOff(code: ExitCode): void {
    this.#gateway?.forceStop();
    this.#finish(code);
    // During the start there is no gateway yet whose end would be waited for.
    if (this.#gateway === undefined) process.exit(code);
  }
}
