import { readOptions } from '../../bench/suite/options.js';
import { interleave, ratio } from '../../bench/suite/rounds.js';

test('a flag that is not allowed is told with its name, its value and what is allowed', () => {
  expect(() => readOptions(['--rounds', '0'])).toThrow(
    '--rounds: got "0", allowed: a whole number from 1 to 100',
  );
  expect(() => readOptions(['--only', 'ingest,foo'])).toThrow('--only: got "foo", allowed: ingest, search,');
  expect(() => readOptions(['--callers', '8,'])).toThrow('--callers: got ""');
  expect(readOptions(['--quick', '--only', 'search', '--seconds', '0.5'])).toMatchObject({
    sections: ['search'],
    rounds: 1,
    seconds: 0.5,
  });
});

test('rows take turns, and a ratio compares what was measured in the same round', async () => {
  const order: string[] = [];
  let busy = 1;
  const cell = (row: string, cost: number) => ({
    row,
    callers: 1,
    measure: async () => {
      order.push(row);
      return { p50Ms: cost * busy };
    },
  });
  const results = await interleave([cell('a', 3), cell('b', 2)], 3, () => {
    // The machine is slower from round to round.
    busy = 1 + Math.floor(order.length / 2);
  });
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  expect(results.map(({ medians }) => medians.p50Ms)).toEqual([6, 4]);
  expect(ratio(results, 'p50Ms', ['a', 'b'], 1)).toBeCloseTo(1.5);
  expect(ratio(results, 'p50Ms', ['a', 'missing'], 1)).toBeUndefined();
});
