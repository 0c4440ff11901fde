import type { Metadata } from '@grpc/grpc-js';
import fc from 'fast-check';
import { CallCredentials } from '../../../src/backend/call-credentials.js';
import { Caller } from '../../../src/backend/caller.js';
import type { Endpoint } from '../../../src/backend/endpoint.js';
import { AttemptError, type Failure } from '../../../src/backend/failure.js';
import type { Attempt, Lane } from '../../../src/backend/lane.js';
import type { Pool } from '../../../src/backend/pool.js';
import { seedOf } from '../../support/seed.js';

const failure: Failure = { kind: 'answered', code: 14, text: '', retryAfterMs: undefined };

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
});
afterEach(() => {
  jest.useRealTimers();
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A caller whose every attempt fails after `failsAfterMs`; tells when each began, and with which deadline. */
function startCaller(options: { maxAttempts: number; baseDelayMs: number; failsAfterMs: number }) {
  const attempts: { readonly atMs: number; readonly deadlineAtMs: number }[] = [];
  const unary = async (_method: string, _request: Buffer, _metadata: Metadata, attempt: Attempt) => {
    attempts.push({ atMs: Date.now(), deadlineAtMs: attempt.deadlineAtMs });
    await new Promise((resolve) => setTimeout(resolve, options.failsAfterMs));
    throw new AttemptError(failure);
  };
  const endpoint = { breaker: { record: () => undefined, suspect: () => undefined } };
  const acquire = async () => ({ endpoint, lane: { unary }, epoch: 0, release: () => undefined });
  const caller = new Caller({
    // What a caller uses of them.
    pool: { acquire } as unknown as Pool<Lane, Endpoint>,
    credentials: new CallCredentials(undefined, false),
    retry: { ...options, maxDelayMs: 1_000, budgetPercent: 100 },
    defaultDeadlineMs: 60_000,
    hooks: {},
  });
  return { caller, attempts };
}

test('a caller tries as often as it may at most, and never begins an attempt at or after the deadline', async () => {
  const cases = fc.record({
    timeoutMs: fc.integer({ min: 1, max: 3_000 }),
    failsAfterMs: fc.integer({ min: 0, max: 800 }),
    baseDelayMs: fc.integer({ min: 1, max: 1_000 }),
    maxAttempts: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ timeoutMs, ...options }) => {
      const { caller, attempts } = startCaller(options);
      const context = {
        signal: new AbortController().signal,
        deadlineAtMs: Date.now() + timeoutMs,
        attempts: 0,
      };
      const info = { access: 'r' as const, writes: false, repeatable: true };
      let isDone = false;
      caller.run({ method: 'Points/Get', info, name: '', request: Buffer.alloc(0) }, context).catch(() => {
        isDone = true;
      });
      for (let passedMs = 0; !isDone && passedMs < 20_000; passedMs += 1) {
        await settled();
        jest.advanceTimersByTime(1);
      }
      await settled();
      expect(isDone).toBe(true);
      expect(attempts.length).toBeLessThanOrEqual(options.maxAttempts);
      expect(context.attempts).toBe(attempts.length);
      for (const { atMs, deadlineAtMs } of attempts) {
        expect(atMs).toBeLessThan(context.deadlineAtMs);
        expect(deadlineAtMs).toBe(context.deadlineAtMs);
      }
    }),
    { seed: seedOf('deadlines'), numRuns: 100 },
  );
});
