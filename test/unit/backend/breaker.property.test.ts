import fc from 'fast-check';
import { EndpointBreaker } from '../../../src/backend/breaker.js';
import type { BreakerState } from '../../../src/backend/index.js';
import { seedOf } from '../../support/seed.js';
import { BreakerModel, limits, tickMs } from './breaker-model.js';

type Step =
  | { readonly kind: 'success' | 'failure' | 'suspect'; readonly epochsAgo: number }
  | { readonly kind: 'answer'; readonly isHealthy: boolean }
  | { readonly kind: 'pass'; readonly ticks: number };

// A call that was cancelled is no step: nobody reports it.
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'suspect' as const),
      epochsAgo: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), isHealthy: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ticks: fc.constantFrom(1, 2, 5, 12) }),
  },
);

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** The breaker, with probes that a test answers; each gives up by itself, as those of an endpoint do. */
function startBreaker() {
  const changes: BreakerState[] = [];
  let probes: ((isHealthy: boolean) => void)[] = [];
  const breaker = new EndpointBreaker({
    ...limits,
    onChange: (state) => changes.push(state),
    probe: () =>
      new Promise((resolve) => {
        const answer = (isHealthy: boolean): void => {
          clearTimeout(timer);
          probes = probes.filter((each) => each !== answer);
          resolve(isHealthy);
        };
        const timer = setTimeout(() => answer(false), limits.probeTimeoutMs);
        probes.push(answer);
      }),
  });
  return { breaker, changes, answer: (isHealthy: boolean) => probes[0]?.(isHealthy) };
}

type Started = ReturnType<typeof startBreaker>;

// What promises set off is done before the next step.
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function take(step: Step, { breaker, answer }: Started, model: BreakerModel): Promise<void> {
  if (step.kind === 'pass') {
    for (let tick = 0; tick < step.ticks; tick += 1) {
      jest.advanceTimersByTime(tickMs);
      model.tick();
      await settled();
    }
  } else if (step.kind === 'answer') {
    answer(step.isHealthy);
    model.answer(step.isHealthy);
  } else {
    const epoch = breaker.epoch - step.epochsAgo;
    if (step.kind === 'suspect') {
      breaker.suspect(epoch);
      model.suspect(epoch);
    } else {
      breaker.record(step.kind, epoch);
      model.record(step.kind, epoch);
    }
  }
  await settled();
}

function expectSame({ breaker, changes }: Started, model: BreakerModel): void {
  expect(changes).toEqual(model.changes);
  expect([breaker.state, breaker.epoch]).toEqual([model.state, model.epoch]);
  expect(breaker.isClosed).toBe(model.state === 'closed');
  // Callers are never told to come back later than the node is asked.
  expect(breaker.retryDelayMs).toBeLessThanOrEqual(limits.openMs);
  expect(breaker.retryDelayMs > 0).toBe(model.state !== 'closed');
}

/** With a node that is well, a circuit closes: it is never stuck, whatever came before. */
async function expectRecovery(started: Started): Promise<void> {
  const ticks = (limits.openMs + limits.probeTimeoutMs) / tickMs + 2;
  for (let tick = 0; tick < ticks && !started.breaker.isClosed; tick += 1) {
    jest.advanceTimersByTime(tickMs);
    await settled();
    if (started.breaker.state === 'half_open') started.answer(true);
    await settled();
  }
  expect(started.breaker.isClosed).toBe(true);
}

test('it opens at its volume and share only, closes by our own probe only, and is never stuck', async () => {
  const seed = seedOf('the breaker');
  const seen = new Set<BreakerState>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 100 }), async (steps) => {
      const started = startBreaker();
      const model = new BreakerModel();
      try {
        for (const each of steps) {
          await take(each, started, model);
          expectSame(started, model);
        }
        for (const change of started.changes) seen.add(change);
        await expectRecovery(started);
      } finally {
        started.breaker.close();
        jest.clearAllTimers();
      }
    }),
    { seed, numRuns: 100 },
  );
  expect(seen).toEqual(new Set(['open', 'half_open', 'closed']));
});
