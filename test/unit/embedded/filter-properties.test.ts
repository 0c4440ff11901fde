import fc from 'fast-check';
import {
  type ConditionInit,
  type FilterInit,
  field,
  isKeyword,
  nest,
  type Plain,
  passes,
} from './filter-points.js';

const runs = { numRuns: 300 };
type Payload = Record<string, Plain>;

const word = fc.constantFrom('x', 'y', 'z');
const leaf = fc.oneof(word, fc.constant(null), fc.boolean(), fc.bigInt(-3n, 3n), fc.constantFrom(0.5, 2, -1));
const { tree } = fc.letrec<{ tree: Plain }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { maxKeys: 3 }),
  ),
}));
const payload: fc.Arbitrary<Payload> = fc.dictionary(fc.constantFrom('a', 'b', 'c'), tree, { maxKeys: 3 });

const condition: fc.Arbitrary<ConditionInit> = fc.oneof(
  fc
    .record({ key: fc.constantFrom('a', 'b', 'a.b', 'a[]', 'a[].b'), keyword: word })
    .map(({ key, keyword }) => isKeyword(key, keyword)),
  fc
    .record({ key: fc.constantFrom('a', 'c[]'), gt: fc.integer({ min: -3, max: 3 }) })
    .map(({ key, gt }) => field({ key, range: { gt } })),
  fc
    .constantFrom('a', 'b')
    .map((key): ConditionInit => ({ conditionOneOf: { case: 'isEmpty', value: { key } } })),
);
const conditions = fc.array(condition, { minLength: 1, maxLength: 4 });

describe('boolean structure', () => {
  const holds = (one: ConditionInit, point: Payload) => passes({ must: [one] }, point);

  test('must, must_not and should are all, none and some of their conditions', () => {
    fc.assert(
      fc.property(conditions, payload, (list, point) => {
        const each = list.map((one) => holds(one, point));
        expect(passes({ must: list }, point)).toBe(each.every(Boolean));
        expect(passes({ mustNot: list }, point)).toBe(!each.some(Boolean));
        expect(passes({ should: list }, point)).toBe(each.some(Boolean));
      }),
      runs,
    );
  });

  test('none of them is all of their opposites (De Morgan)', () => {
    fc.assert(
      fc.property(conditions, payload, (list, point) => {
        const opposites = list.map((one) => nest({ mustNot: [one] }));
        expect(passes({ mustNot: list }, point)).toBe(passes({ must: opposites }, point));
        expect(passes({ mustNot: [nest({ must: list })] }, point)).toBe(passes({ should: opposites }, point));
      }),
      runs,
    );
  });

  test('min_should n holds when at least n conditions do', () => {
    fc.assert(
      fc.property(conditions, fc.bigInt(0n, 6n), payload, (list, minCount, point) => {
        const met = list.filter((one) => holds(one, point)).length;
        const filter: FilterInit = { minShould: { conditions: list, minCount } };
        expect(passes(filter, point)).toBe(BigInt(met) >= minCount);
      }),
      runs,
    );
  });

  test('the clauses of one filter hold together', () => {
    fc.assert(
      fc.property(conditions, conditions, conditions, payload, (some, all, none, point) => {
        const together = passes({ should: some, must: all, mustNot: none }, point);
        const apart = [{ should: some }, { must: all }, { mustNot: none }].map((filter) =>
          passes(filter, point),
        );
        expect(together).toBe(apart.every(Boolean));
      }),
      runs,
    );
  });
});

describe('values', () => {
  /** The plain way: the list of values at a path, each list there opened once. */
  function valuesAt(value: Plain | undefined, steps: readonly string[]): Plain[] {
    const [step, ...rest] = steps;
    if (value === undefined) return [];
    if (step === undefined) return Array.isArray(value) ? value : [value];
    if (step === '[]') return Array.isArray(value) ? value.flatMap((member) => valuesAt(member, rest)) : [];
    if (step.startsWith('['))
      return Array.isArray(value) ? valuesAt(value[Number(step.slice(1, -1))], rest) : [];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    return valuesAt(value[step], rest);
  }

  const step = fc.constantFrom('a', 'b', '[]', '[0]', '[1]');
  const path = fc
    .tuple(fc.constantFrom('a', 'b'), fc.array(step, { maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest]);
  const written = (steps: readonly string[]) => steps.join('.').replaceAll('.[', '[');

  test('a condition sees what its path names, and the elements of a list there', () => {
    fc.assert(
      fc.property(path, word, payload, (steps, keyword, point) => {
        const expected = valuesAt(point, steps).includes(keyword);
        expect(passes({ must: [isKeyword(written(steps), keyword)] }, point)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('a range holds when all its bounds do, for integers and doubles alike', () => {
    const bound = fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined });
    const bounds = fc.record({ lt: bound, gt: bound, lte: bound, gte: bound });
    const number = fc.oneof(fc.bigInt(-4n, 4n), fc.double({ min: -4, max: 4, noNaN: true }));
    fc.assert(
      fc.property(bounds, number, (range, value) => {
        const { lt, gt, lte, gte } = range;
        const one = Number(value);
        const expected =
          !(one >= (lt ?? 9)) && !(one <= (gt ?? -9)) && !(one > (lte ?? 9)) && !(one < (gte ?? -9));
        expect(passes({ must: [field({ key: 'a', range })] }, { a: value })).toBe(expected);
      }),
      runs,
    );
  });

  test('a time in a payload is the time that a bound of the same instant means', () => {
    const time = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(time, (at) => {
        const millis = at.getTime();
        const seconds = Math.floor(millis / 1000);
        const bound = { seconds: BigInt(seconds), nanos: (millis - seconds * 1000) * 1_000_000 };
        const equal = field({ key: 'a', datetimeRange: { gte: bound, lte: bound } });
        expect(passes({ must: [equal] }, { a: at.toISOString() })).toBe(true);
      }),
      runs,
    );
  });
});
