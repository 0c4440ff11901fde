import {
  type Backend,
  type BackendOptions,
  type BreakerState,
  type CallContext,
  connectBackend,
} from '../../src/backend/index.js';
import { GatewayError } from '../../src/errors/index.js';
import type { PhysicalName } from '../../src/tenancy/index.js';
import { mintScope } from '../../src/tenancy/mint.js';
import { anonymousPrincipal } from '../../src/tenancy/principal.js';

type Part<T> = { readonly [Key in keyof T]?: T[Key] };

export interface TestBackendOptions {
  readonly addresses: readonly string[];
  readonly pool?: Part<BackendOptions['pool']>;
  readonly breaker?: Part<BackendOptions['breaker']>;
  readonly retry?: Part<BackendOptions['retry']>;
  readonly defaultDeadlineMs?: number;
  readonly more?: Part<BackendOptions>;
}

export interface TestBackend extends Backend {
  /** What the breakers went through, in order. */
  readonly changes: BreakerState[];
  readonly attempts: string[];
  readonly logLines: string[];
}

/** A breaker that never opens, for tests of everything else. */
export const breakerOff = { minCalls: 1_000_000_000 };

export function connectTestBackend(options: TestBackendOptions): TestBackend {
  const changes: BreakerState[] = [];
  const attempts: string[] = [];
  const logLines: string[] = [];
  const backend = connectBackend({
    endpoints: options.addresses.map((address) => ({ address, tls: false })),
    pool: {
      channelsPerNode: 2,
      connectTimeoutMs: 1_000,
      maxInFlight: 100,
      maxQueue: 1_000,
      maxChannelAgeMs: 600_000,
      ...options.pool,
    },
    breaker: {
      windowMs: 10_000,
      minCalls: 10,
      failurePercent: 50,
      openMs: 200,
      probeTimeoutMs: 200,
      ...options.breaker,
    },
    retry: { maxAttempts: 3, baseDelayMs: 5, maxDelayMs: 50, budgetPercent: 20, ...options.retry },
    defaultDeadlineMs: options.defaultDeadlineMs ?? 5_000,
    hooks: {
      onAttempt: (outcome) => attempts.push(outcome),
      onBreakerChange: (_endpoint, state) => changes.push(state),
      onLog: (_level, message) => logLines.push(message),
    },
    ...options.more,
  });
  return { ...backend, changes, attempts, logLines };
}

/** The context of one call, and its cancel. */
export interface TestContext extends CallContext {
  cancel(): void;
}

/** As the transport makes it: the signal aborts at the deadline, or when the caller cancels. */
export function contextOf(timeoutMs = 5_000, more: { repeatTornWrites?: boolean } = {}): TestContext {
  const controller = new AbortController();
  const abort = (reason: 'DEADLINE_EXCEEDED' | 'CANCELLED'): void =>
    controller.abort(new GatewayError(reason, `test: ${reason}`));
  const timer = setTimeout(() => abort('DEADLINE_EXCEEDED'), timeoutMs);
  timer.unref();
  return {
    signal: controller.signal,
    deadlineAtMs: Date.now() + timeoutMs,
    attempts: 0,
    ...more,
    cancel: () => {
      clearTimeout(timer);
      abort('CANCELLED');
    },
  };
}

/** The place of tenant 42's collection, or of another tenant's. */
export function nameOf(collection: string, tenant = '42'): PhysicalName {
  return mintScope(anonymousPrincipal, 'x-company-id', [tenant], 'write').physicalName(collection);
}

export const noBody = new Uint8Array();

/** The error that a promise rejects with; fails the test when it does not, or with something else. */
export async function errorOf(work: Promise<unknown>): Promise<GatewayError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('expected a rejection');
}
