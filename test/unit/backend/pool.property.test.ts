import fc from 'fast-check';
import { seedOf } from '../../support/seed.js';
import { Ground, limits } from './pool-ground.js';
import { settled, step, take } from './pool-steps.js';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function expectBounds(ground: Ground): void {
  const { pool, lanes, endpoints, asked } = ground;
  for (const { inFlight } of lanes) {
    expect(inFlight).toBeGreaterThanOrEqual(0);
    expect(inFlight).toBeLessThanOrEqual(limits.maxInFlight);
  }
  expect(lanes.reduce((sum, { inFlight }) => sum + inFlight, 0)).toBe(ground.in('granted').length);
  expect(pool.waiting).toBe(ground.in('waiting').length);
  expect(pool.waiting).toBeLessThanOrEqual(limits.maxQueue);
  // Nobody waits where there is room.
  const hasRoom = endpoints.some(({ breaker, lanes: own }) =>
    own.some(({ isReady, inFlight }) => breaker.isClosed && isReady && inFlight < limits.maxInFlight),
  );
  if (hasRoom) expect(pool.waiting).toBe(0);
  expect(asked.flatMap(({ fault }) => fault ?? [])).toEqual([]);
}

/** Whoever had a place had it before everybody who came later and waited. */
function expectOrder({ asked }: Ground): void {
  for (const early of asked.filter(({ state }) => state === 'waiting')) {
    const overtook = asked.find(
      ({ number, state, atMs }) => number > early.number && state === 'granted' && atMs >= early.askedAtMs,
    );
    expect(overtook).toBeUndefined();
  }
}

function expectReasons({ asked }: Ground): void {
  for (const { why, atMs, askedAtMs, deadlineAtMs } of asked) {
    switch (why) {
      case undefined:
      case 'aborted':
      case 'OVERLOADED':
      case 'CIRCUIT_OPEN':
      case 'transport':
        break;
      case 'timeout':
        expect(atMs).toBeGreaterThanOrEqual(deadlineAtMs);
        break;
      default:
        throw new Error(`refused for ${why} after ${atMs - askedAtMs} ms`);
    }
  }
}

/** Time alone settles everybody, and places that are given back are there for others. */
async function expectEnd(ground: Ground): Promise<void> {
  // Longer than any deadline; in steps, since some look again in between.
  for (let passedMs = 0; passedMs <= 6_000; passedMs += 250) {
    jest.advanceTimersByTime(250);
    await settled();
  }
  expect(ground.in('waiting')).toEqual([]);
  for (const held of ground.in('granted')) ground.release(held);
  expect(ground.lanes.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0, 0]);

  for (const endpoint of ground.endpoints) {
    endpoint.breaker.isClosed = true;
    endpoint.isRefused = false;
    for (const lane of endpoint.lanes) lane.isReady = true;
  }
  ground.pool.refresh();
  const places = ground.lanes.length * limits.maxInFlight;
  for (let call = 0; call < places; call += 1) ground.acquire(1_000, undefined);
  await settled();
  expect(ground.in('granted')).toHaveLength(places);

  ground.acquire(1_000, undefined);
  ground.pool.close();
  await settled();
  expect(ground.asked.at(-1)?.why).toBe('SHUTTING_DOWN');
}

test('places and queue keep their bounds, everybody is answered, and no place is lost', async () => {
  const seed = seedOf('the pool');
  const reasons = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const ground = new Ground();
      try {
        for (const each of steps) {
          await take(each, ground);
          expectBounds(ground);
          expectOrder(ground);
        }
        expectReasons(ground);
        for (const { why } of ground.asked) if (why !== undefined) reasons.add(why);
        await expectEnd(ground);
      } finally {
        jest.clearAllTimers();
      }
    }),
    { seed, numRuns: 100 },
  );
  // Each way to be refused was taken.
  expect(reasons).toEqual(new Set(['aborted', 'OVERLOADED', 'CIRCUIT_OPEN', 'transport', 'timeout']));
});
