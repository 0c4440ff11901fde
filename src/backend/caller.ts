import { status } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import { codeName } from '../observe/index.js';
import type { MessageBody } from '../wire/index.js';
import type { CallCredentials } from './call-credentials.js';
import type { Endpoint } from './endpoint.js';
import { AttemptError, type Failure } from './failure.js';
import type { Attempt, Lane } from './lane.js';
import type { MethodInfo } from './methods.js';
import type { RetryOptions } from './options.js';
import type { Pool } from './pool.js';
import { mayRepeat, pause, type Repeatability, retryDelayMs } from './retry.js';
import { RetryBudget } from './retry-budget.js';
import { toGatewayError } from './translate.js';
import type { BackendHooks, CallContext } from './types.js';

export interface CallerOptions {
  readonly pool: Pool<Lane, Endpoint>;
  readonly credentials: CallCredentials;
  readonly retry: RetryOptions;
  readonly defaultDeadlineMs: number;
  readonly hooks: BackendHooks;
}

export interface Call {
  /** "Service/Rpc". */
  readonly method: string;
  readonly info: MethodInfo;
  /** The collection's name in the backend, which never shows in an error; '' for none. */
  readonly name: string;
  readonly request: MessageBody;
}

/** Makes calls: a place in the pool, the attempt, its report to the breaker, and another attempt where that helps. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #budget: RetryBudget;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#budget = new RetryBudget(options.retry.budgetPercent);
  }

  /** Resolves to the reply's bytes; rejects with GatewayError. */
  async run(call: Call, context: CallContext): Promise<Buffer> {
    this.#budget.countCall();
    const repeatability = { ...call.info, tornWrites: context.repeatTornWrites === true };
    let used: Endpoint | undefined;
    // A failure that followed one whose fate is unknown does not make that fate known.
    let mayHaveArrived = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(call, context, used, (endpoint) => {
          used = endpoint;
        });
      } catch (error) {
        if (!(error instanceof AttemptError)) {
          throw mayHaveArrived && call.info.writes ? indeterminateError(error) : error;
        }
        mayHaveArrived ||= isFateUnknown(error.failure);
        const again = await this.#waitForRetry(error.failure, attempt, repeatability, context);
        if (!again) throw this.#errorOf(error.failure, call, mayHaveArrived);
      }
    }
  }

  async #attempt(
    call: Call,
    context: CallContext,
    avoid: Endpoint | undefined,
    onEndpoint: (endpoint: Endpoint) => void,
  ): Promise<Buffer> {
    const { pool, credentials, hooks, defaultDeadlineMs } = this.#options;
    const attempt: Attempt = {
      signal: context.signal,
      deadlineAtMs: Math.min(context.deadlineAtMs, Date.now() + defaultDeadlineMs),
    };
    const slot = await pool.acquire(attempt, avoid);
    onEndpoint(slot.endpoint);
    context.attempts += 1;
    try {
      const metadata = credentials.of(call.info.access, call.name);
      const reply = await slot.lane.unary(call.method, call.request, metadata, attempt);
      slot.endpoint.breaker.record('success', slot.epoch);
      hooks.onAttempt?.('ok');
      return reply;
    } catch (error) {
      if (error instanceof AttemptError) {
        report(error.failure, slot.endpoint, slot.epoch);
        hooks.onAttempt?.(outcomeOf(error.failure));
      }
      throw error;
    } finally {
      slot.release();
    }
  }

  /** Waits until the next attempt; false when there is to be none. */
  async #waitForRetry(
    failure: Failure,
    attempt: number,
    call: Repeatability,
    context: CallContext,
  ): Promise<boolean> {
    const { retry, hooks } = this.#options;
    if (attempt >= retry.maxAttempts || context.signal.aborted || !mayRepeat(failure, call)) return false;
    const delayMs = retryDelayMs(failure, attempt, retry);
    if (delayMs === undefined || Date.now() + delayMs >= context.deadlineAtMs) return false;
    if (!this.#budget.take()) return false;
    try {
      await pause(delayMs, context.signal);
    } catch {
      return false;
    }
    hooks.onRetry?.();
    return true;
  }

  #errorOf(failure: Failure, { method, info, name }: Call, mayHaveArrived: boolean): Error {
    const secrets = [name, ...this.#options.credentials.secrets(info.access, name)];
    return toGatewayError(failure, { method, writes: info.writes, mayHaveArrived, secrets });
  }
}

/** Tells the breaker what an attempt says about the node; what the caller did says nothing. */
function report(failure: Failure, { breaker }: Endpoint, epoch: number): void {
  if (failure.kind === 'aborted') return;
  if (failure.kind === 'timeout') breaker.suspect(epoch);
  else breaker.record(isNodesFault(failure) ? 'failure' : 'success', epoch);
}

// Any other status shows a node that works: else a caller's bad byte would open the circuit for all.
function isNodesFault(failure: Failure): boolean {
  return failure.kind === 'transport' || (failure.kind === 'answered' && failure.code === status.UNAVAILABLE);
}

function indeterminateError(error: unknown): unknown {
  if (!(error instanceof GatewayError)) return error;
  return new GatewayError(error.reason, error.message, { ...error, indeterminate: true, cause: error });
}

function isFateUnknown(failure: Failure): boolean {
  switch (failure.kind) {
    case 'transport':
    case 'timeout':
    case 'aborted':
      return failure.sent;
    case 'answered':
      return unknownFates.has(failure.code);
    case 'reply-too-large':
      return true;
  }
}

const unknownFates: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

function outcomeOf(failure: Failure): string {
  switch (failure.kind) {
    case 'answered':
    case 'transport':
      return codeName(failure.code);
    case 'timeout':
      return 'DEADLINE_EXCEEDED';
    case 'aborted':
      return 'CANCELLED';
    case 'reply-too-large':
      return 'RESOURCE_EXHAUSTED';
  }
}
