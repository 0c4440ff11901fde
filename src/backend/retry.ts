import { status } from '@grpc/grpc-js';
import { abortedError, type Failure } from './failure.js';
import type { MethodInfo } from './methods.js';
import type { RetryOptions } from './options.js';

/** How a call may be repeated. */
export interface Repeatability extends MethodInfo {
  /** The caller keeps other writes to the same points back: a write whose fate is unknown may be sent again. */
  readonly tornWrites: boolean;
}

/**
 * Whether sending again may help and does no harm. A write that may have arrived is not sent again on our own: it
 * could land on top of a later write of somebody else.
 */
export function mayRepeat(failure: Failure, call: Repeatability): boolean {
  switch (failure.kind) {
    case 'transport':
      return !failure.sent || isHarmless(call);
    case 'timeout':
      return failure.sent && isHarmless(call);
    case 'answered':
      if (failure.code === status.UNAVAILABLE) return call.repeatable;
      return failure.code === status.RESOURCE_EXHAUSTED && failure.retryAfterMs !== undefined;
    default:
      return false;
  }
}

function isHarmless(call: Repeatability): boolean {
  return call.repeatable && (!call.writes || call.tornWrites);
}

/**
 * How long to wait before retry number `retry` (from 1): full jitter over an exponential bound. What the backend asks
 * for is the least; undefined when that is longer than a call is held for.
 */
export function retryDelayMs(
  failure: Failure,
  retry: number,
  options: Pick<RetryOptions, 'baseDelayMs' | 'maxDelayMs'>,
  random: () => number = Math.random,
): number | undefined {
  const bound = Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** (retry - 1));
  const jitter = Math.floor(random() * (bound + 1));
  const askedMs = failure.kind === 'answered' ? (failure.retryAfterMs ?? 0) : 0;
  if (askedMs > options.maxDelayMs) return undefined;
  return askedMs + jitter;
}

/** Rejects with AttemptError when the signal aborts. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortedError(signal, false));
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(abortedError(signal, false));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
