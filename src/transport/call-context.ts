import type { CallContext } from '../backend/index.js';
import { GatewayError } from '../errors/index.js';

/** The parts of a grpc-js server call that its context is made from. */
interface GrpcCall {
  readonly cancelled: boolean;
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
  removeListener(event: 'cancelled', listener: () => void): unknown;
}

export interface ContextOptions {
  /** For a call without a deadline of its own; Infinity leaves it without one. */
  readonly defaultDeadlineMs: number;
  /** Aborts when the gateway stops waiting for calls of this kind. */
  readonly shutdown: AbortSignal;
  /** How much of the caller's time is kept back, so that the answer arrives before the caller gives up. */
  readonly reserve: (remainingMs: number) => number;
}

/**
 * One signal for a call: the caller's cancel, its deadline, or the shutdown, whichever is first. The reason of the
 * abort is a GatewayError. Call `dispose` when the call is done.
 */
export function createCallContext(
  call: GrpcCall,
  options: ContextOptions,
): CallContext & { abort(error: GatewayError): void; dispose(): void } {
  const controller = new AbortController();
  const abort = (error: GatewayError): void => {
    if (!controller.signal.aborted) controller.abort(error);
  };
  const deadlineAtMs = deadlineOf(call, options);
  const timeoutFromMs = deadlineAtMs - slackOf(call);
  const onShutdown = (): void =>
    abort(
      new GatewayError('SHUTTING_DOWN', 'the gateway is shutting down; retry at another', {
        retryDelayMs: 1000,
      }),
    );
  const onDeadline = (): void =>
    abort(
      new GatewayError('DEADLINE_EXCEEDED', 'the deadline passed before the call was done', {
        indeterminate: true,
      }),
    );

  // A caller whose own clock ends the call cancels it. At about the deadline that is what a cancel means: else a
  // backend that never answers would look like callers that lose interest.
  const onCancelled = (): void => {
    if (Date.now() >= timeoutFromMs) onDeadline();
    else abort(new GatewayError('CANCELLED', 'the caller cancelled the call'));
  };

  const timer = startTimer(deadlineAtMs, onDeadline);
  call.on('cancelled', onCancelled);
  options.shutdown.addEventListener('abort', onShutdown, { once: true });
  if (call.cancelled) onCancelled();
  if (options.shutdown.aborted) onShutdown();
  return {
    signal: controller.signal,
    deadlineAtMs,
    attempts: 0,
    abort,
    dispose: () => {
      clearTimeout(timer);
      call.removeListener('cancelled', onCancelled);
      options.shutdown.removeEventListener('abort', onShutdown);
    },
  };
}

function deadlineOf(call: GrpcCall, options: ContextOptions): number {
  const nowMs = Date.now();
  const deadline = Number(call.getDeadline());
  if (!Number.isFinite(deadline)) return nowMs + options.defaultDeadlineMs;
  const remainingMs = Math.max(0, deadline - nowMs);
  return deadline - options.reserve(remainingMs);
}

/** How far the caller's clock may be ahead: a call was under way for a while before its time began to count here. */
function slackOf(call: GrpcCall): number {
  const remainingMs = Number(call.getDeadline()) - Date.now();
  return Number.isFinite(remainingMs) ? Math.min(maxSlackMs, Math.max(0, remainingMs * 0.25)) : 0;
}

const maxSlackMs = 100;

// setTimeout takes at most 2^31-1 ms; a later deadline is as good as none.
function startTimer(atMs: number, onTime: () => void): NodeJS.Timeout | undefined {
  const delayMs = atMs - Date.now();
  if (delayMs > 0x7fffffff) return undefined;
  return setTimeout(onTime, Math.max(0, delayMs));
}
