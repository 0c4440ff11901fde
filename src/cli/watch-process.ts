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
  let gateway: Gateway | undefined;
  let firstSignal: string | undefined;
  let overdue: NodeJS.Timeout | undefined;
  let finish: (code: ExitCode) => void = () => undefined;
  const ended = new Promise<ExitCode>((resolve) => {
    finish = resolve;
  });

  const cutOff = (code: ExitCode) => {
    gateway?.forceStop();
    finish(code);
  };
  const drain = (running: Gateway, signal: string) => {
    overdue = setTimeout(() => {
      log.error('closing takes too long, cutting off');
      cutOff(ExitCode.FAILED);
    }, graceMs + CLOSING_MS);
    running.drain(signal).then(
      () => finish(ExitCode.OK),
      (error: unknown) => {
        log.error('the drain failed', { err: error });
        cutOff(ExitCode.FAILED);
      },
    );
  };
  const onSignal = (signal: string) => {
    if (firstSignal !== undefined) {
      log.warn('second signal, cutting off', { signal });
      cutOff(ExitCode.FAILED);
      // During the start there is no gateway yet whose end would be waited for.
      if (gateway === undefined) process.exit(ExitCode.FAILED);
      return;
    }
    firstSignal = signal;
    if (gateway !== undefined) drain(gateway, signal);
  };
  const onRejection = (reason: unknown) => log.error('a failure that no code handled', { err: reason });
  const onException = (error: unknown) => {
    log.error('an exception that no code caught; ending', { err: error });
    log.flush();
    cutOff(ExitCode.INTERNAL);
    if (gateway === undefined) process.exit(ExitCode.INTERNAL);
  };

  for (const signal of signals) process.on(signal, onSignal);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    untilEnd(running) {
      gateway = running;
      if (firstSignal !== undefined) drain(running, firstSignal);
      return ended;
    },
    stop() {
      clearTimeout(overdue);
      for (const signal of signals) process.off(signal, onSignal);
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}
