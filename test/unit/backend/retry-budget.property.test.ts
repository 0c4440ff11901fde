import fc from 'fast-check';
import type { Failure } from '../../../src/backend/failure.js';
import { retryDelayMs } from '../../../src/backend/retry.js';
import { RetryBudget } from '../../../src/backend/retry-budget.js';
import { seedOf } from '../../support/seed.js';

const seed = seedOf('the budget of retries');

type Step =
  | { readonly kind: 'calls' | 'retries'; readonly count: number }
  | { readonly kind: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('calls' as const, 'retries' as const),
    count: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
);

test('retries of the last 10 s never exceed their share of the calls of that time, or three', () => {
  const percents = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(percents, fc.array(step, { maxLength: 60 }), fc.nat(1e9), (percent, steps, startMs) => {
      let nowMs = startMs;
      const budget = new RetryBudget(percent, () => nowMs);
      const calls: number[] = [];
      const retries: number[] = [];
      // Counted in whole seconds: of the one that is not over, and the nine before.
      const recent = (times: readonly number[]): number =>
        times.filter((atMs) => Math.floor(atMs / 1_000) > Math.floor(nowMs / 1_000) - 10).length;
      for (const each of steps) {
        if (each.kind === 'pass') nowMs += each.ms;
        for (let time = 0; each.kind === 'calls' && time < each.count; time += 1) {
          budget.countCall();
          calls.push(nowMs);
        }
        for (let time = 0; each.kind === 'retries' && time < each.count; time += 1) {
          const mayBe = Math.max(3, Math.floor((recent(calls) * percent) / 100));
          const taken = recent(retries);
          expect(budget.take()).toBe(taken < mayBe);
          if (taken < mayBe) retries.push(nowMs);
        }
      }
    }),
    { seed, numRuns: 200 },
  );
});

const answered = (retryAfterMs: number | undefined): Failure => ({
  kind: 'answered',
  code: 14,
  text: '',
  retryAfterMs,
});

test('a delay is drawn from all of its bound, on top of what the node asked for, which is never cut', () => {
  const cases = fc.record({
    retry: fc.integer({ min: 1, max: 40 }),
    baseDelayMs: fc.integer({ min: 1, max: 60_000 }),
    maxDelayMs: fc.integer({ min: 1, max: 60_000 }),
    askedMs: fc.option(fc.integer({ min: 0, max: 120_000 }), { nil: undefined }),
    draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ retry, baseDelayMs, maxDelayMs, askedMs, draw }) => {
      const options = { baseDelayMs, maxDelayMs };
      const delayOf = (random: number) => retryDelayMs(answered(askedMs), retry, options, () => random);
      const leastMs = askedMs ?? 0;
      if (leastMs > maxDelayMs) {
        expect(delayOf(draw)).toBeUndefined();
        return;
      }
      const boundMs = Math.min(maxDelayMs, baseDelayMs * 2 ** (retry - 1));
      expect(delayOf(draw)).toBeGreaterThanOrEqual(leastMs);
      expect(delayOf(draw)).toBeLessThanOrEqual(leastMs + boundMs);
      expect(delayOf(0)).toBe(leastMs);
      expect(delayOf(1 - Number.EPSILON)).toBe(leastMs + boundMs);
    }),
    { seed, numRuns: 500 },
  );
});
