import fc from 'fast-check';
import type { Id, NewPoint, Plain, PlainObject } from './payload-bytes.js';
import type { ModelCondition, ModelFilter, ModelQuery } from './store-model.js';

const id = fc.constantFrom<Id>(
  ...[0n, 1n, 2n, 10n, 2n ** 53n + 1n, 2n ** 64n - 1n].map((num) => ({ num })),
  // One UUID in every writing, and others before and after it.
  { uuid: 'c56a4180-65aa-42ec-a945-5fd21dec0538' },
  { uuid: 'C56A4180-65AA-42EC-A945-5FD21DEC0538' },
  { uuid: 'c56a418065aa42eca9455fd21dec0538' },
  { uuid: 'urn:uuid:c56a4180-65aa-42ec-a945-5fd21dec0538' },
  { uuid: '{c56a4180-65aa-42ec-a945-5fd21dec0538}' },
  { uuid: '00000000-0000-0000-0000-000000000000' },
  { uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
);
const ids = fc.array(id, { minLength: 1, maxLength: 3 });
const key = fc.constantFrom('a', '__proto__', 'constructor');
const leaf = fc.constantFrom<Plain>('x', 'y', '', null, true, -0, 0.5, -5n, 3n, 2n ** 63n - 1n, -(2n ** 63n));
const value = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 2 }),
  fc.tuple(key, leaf).map((entry): Plain => new Map([entry])),
);
const payload = fc
  .array(fc.tuple(fc.oneof(key, fc.constant('')), value), { maxLength: 3 })
  .map((entries): PlainObject => new Map(entries));

const condition: fc.Arbitrary<ModelCondition> = fc.oneof(
  fc.record({ is: fc.constant('keyword' as const), key, value: fc.constantFrom('x', 'y', '') }),
  fc.record({ is: fc.constant('integer' as const), key, value: fc.constantFrom(-5n, 3n, 2n ** 63n - 1n) }),
  fc.record({ is: fc.constant('above' as const), key, bound: fc.constantFrom(-6, 0, 3) }),
  fc.record({ is: fc.constant('empty' as const), key }),
  fc.record({ is: fc.constant('id' as const), ids }),
);
const conditions = (minLength: number) => fc.array(condition, { minLength, maxLength: 2 });
const filter: fc.Arbitrary<ModelFilter> = fc.oneof(
  fc.record({ must: conditions(1), should: conditions(0), mustNot: conditions(0) }),
  fc.record({ must: conditions(0), should: conditions(1), mustNot: conditions(0) }),
);

/** Numbers whose sums, products and lengths f32 holds exactly: scores are compared to the last bit, and tie often. */
function vectorOf(size: number): fc.Arbitrary<number[]> {
  const places = [0, 1, 2, size - 1];
  const spread = (numbers: readonly number[]): number[] => {
    const vector = new Array<number>(size).fill(0);
    for (const [at, place] of places.entries()) vector[place] = numbers[at] ?? 0;
    return vector;
  };
  const length = fc.constantFrom(0.5, 1, 4, -1, -4);
  const sign = fc.constantFrom(1, -1);
  return fc.oneof(
    // Of length 2·m: each number of the normalised vector is a half.
    fc.tuple(length, fc.tuple(sign, sign, sign, sign)).map(([m, signs]) => spread(signs.map((s) => s * m))),
    fc.tuple(length, fc.nat(3)).map(([m, at]) => spread(places.map((_, place) => (place === at ? m : 0)))),
    // Too short to be normalised, and no direction at all.
    fc.constantFrom(spread([2 ** -13]), spread([])),
  );
}

export type Change =
  | { readonly act: 'upsert'; readonly points: readonly NewPoint[] }
  | { readonly act: 'setPayload'; readonly ids: readonly Id[]; readonly payload: PlainObject }
  | { readonly act: 'setVector'; readonly id: Id; readonly vector: readonly number[] }
  | { readonly act: 'dropVector'; readonly id: Id }
  | { readonly act: 'delete'; readonly ids: readonly Id[] }
  | { readonly act: 'deleteWhere'; readonly filter: ModelFilter };

export type Look =
  | { readonly act: 'search'; readonly query: ModelQuery }
  | { readonly act: 'count'; readonly filter: ModelFilter | undefined }
  | { readonly act: 'scroll'; readonly pageSize: number; readonly filter: ModelFilter | undefined };

export function changesOf(size: number): fc.Arbitrary<Change> {
  const vector = vectorOf(size);
  const maybeVector = fc.option(vector, { nil: undefined, freq: 8 });
  const point: fc.Arbitrary<NewPoint> = fc.record({ id, vector: maybeVector, payload });
  const act = <Name extends Change['act']>(name: Name) => fc.constant(name);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        act: act('upsert'),
        points: fc.array(point, { minLength: 1, maxLength: 4 }),
      }),
    },
    fc.record({ act: act('setPayload'), ids, payload }),
    fc.record({ act: act('setVector'), id, vector }),
    fc.record({ act: act('dropVector'), id }),
    fc.record({ act: act('delete'), ids }),
    fc.record({ act: act('deleteWhere'), filter }),
  );
}

export function looksOf(size: number): fc.Arbitrary<Look> {
  const maybeFilter = fc.option(filter, { nil: undefined });
  const query: fc.Arbitrary<ModelQuery> = fc.record({
    vector: vectorOf(size),
    filter: maybeFilter,
    offset: fc.constantFrom(0, 0, 1, 3, 100),
    limit: fc.constantFrom(1, 2, 3, 5, 100),
    threshold: fc.option(fc.constantFrom(-1, 0, 0.5, 1, 2), { nil: undefined }),
  });
  const act = <Name extends Look['act']>(name: Name) => fc.constant(name);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ act: act('search'), query }) },
    fc.record({ act: act('count'), filter: maybeFilter }),
    fc.record({ act: act('scroll'), pageSize: fc.integer({ min: 1, max: 4 }), filter: maybeFilter }),
  );
}
