import fc from 'fast-check';
import type { Ground } from './pool-ground.js';

const bit = fc.integer({ min: 0, max: 1 });
const kind = <K extends string>(value: K) => fc.constant(value);

/** One thing that happens to a pool. */
export const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('acquire'),
      timeoutMs: fc.constantFrom(1, 300, 5_000),
      avoid: fc.option(bit),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('release'), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('abort'), which: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind('ready'), endpoint: bit, lane: bit, isReady: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('refused'), endpoint: bit, isRefused: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('circuit'), endpoint: bit, isClosed: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('pass'), ms: fc.constantFrom(1, 100, 400, 1_000) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What promises set off is done before the next step. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function take(each: Step, ground: Ground): Promise<void> {
  const { pool, endpoints } = ground;
  switch (each.kind) {
    case 'acquire':
      ground.acquire(each.timeoutMs, each.avoid === null ? undefined : endpoints[each.avoid]);
      break;
    case 'release': {
      const held = ground.in('granted');
      const one = held[each.which % Math.max(1, held.length)];
      if (one !== undefined) ground.release(one);
      break;
    }
    case 'abort': {
      const waiting = ground.in('waiting');
      waiting[each.which % Math.max(1, waiting.length)]?.abort();
      break;
    }
    case 'pass':
      jest.advanceTimersByTime(each.ms);
      break;
    default:
      change(each, ground);
      pool.refresh();
  }
  await settled();
}

type Change = Extract<Step, { kind: 'ready' | 'refused' | 'circuit' }>;

function change(each: Change, { endpoints }: Ground): void {
  const endpoint = endpoints[each.endpoint === 0 ? 0 : 1];
  if (each.kind === 'circuit') {
    endpoint.breaker.isClosed = each.isClosed;
    // As an endpoint does: no connection of the time before is used again.
    if (!each.isClosed) for (const lane of endpoint.lanes) lane.isReady = false;
  } else if (each.kind === 'ready') {
    endpoint.lanes[each.lane === 0 ? 0 : 1].isReady = each.isReady;
    if (each.isReady) endpoint.isRefused = false;
  } else {
    endpoint.isRefused = each.isRefused;
    if (each.isRefused) for (const lane of endpoint.lanes) lane.isReady = false;
  }
}
