import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { FilterSchema } from '@qdrant/js-client-grpc';
import { compileFilter } from '../../../src/embedded/filter/index.js';
import { numberKey, uuidKey } from '../../../src/embedded/model/point-id.js';
import {
  type ConditionInit,
  type FieldInit,
  type FilterInit,
  field,
  isKeyword,
  nest,
  type Plain,
  passes,
} from './filter-points.js';

type Payload = Readonly<Record<string, Plain>>;
const must = (...conditions: ConditionInit[]): FilterInit => ({ must: conditions });
const integer = (key: string, value: bigint): ConditionInit =>
  field({ key, match: { matchValue: { case: 'integer', value } } });

describe('match', () => {
  test('compares the type too: integer 3 is neither "3" nor 3.0 nor true', () => {
    const found = (value: Plain) => passes(must(integer('a', 3n)), { a: value });
    expect([3n, 3, '3', true, [1n, 3n], [[3n]]].map(found)).toEqual([true, false, false, false, true, false]);
  });

  test('integers beyond 2^53 are exact', () => {
    const filter = must(integer('a', 9_007_199_254_740_993n));
    expect(passes(filter, { a: 9_007_199_254_740_993n })).toBe(true);
    expect(passes(filter, { a: 9_007_199_254_740_992n })).toBe(false);
  });

  test('except needs a value: neither null nor a missing key is something else', () => {
    const except = must(
      field({ key: 'a', match: { matchValue: { case: 'exceptKeywords', value: { strings: ['x'] } } } }),
    );
    const found = (...payloads: Payload[]) => payloads.map((payload) => passes(except, payload));
    expect(found({ a: 'y' }, { a: 1n }, { a: ['x', 'y'] })).toEqual([true, true, true]);
    expect(found({ a: 'x' }, { a: ['x'] }, { a: null }, { a: [] }, {})).toEqual(Array(5).fill(false));
  });

  test('text is a part of the value, case and all; text_any is one of its words', () => {
    const text = (value: string) => must(field({ key: 'a', match: { matchValue: { case: 'text', value } } }));
    const any = (value: string) =>
      must(field({ key: 'a', match: { matchValue: { case: 'textAny', value } } }));
    const payload = { a: 'Qt development files' };
    expect(['dev', 'files', '', 'Files', 'files dev'].map((word) => passes(text(word), payload))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(['zzz files', 'zzz', ''].map((words) => passes(any(words), payload))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('ranges', () => {
  const within = (key: string, range: FieldInit['range'], payload: Payload) =>
    passes(must(field({ key, range })), payload);

  test('every bound holds, at its own side of equal', () => {
    expect(within('a', { gte: 1, lt: 3 }, { a: 1n })).toBe(true);
    expect(within('a', { gte: 1, lt: 3 }, { a: 3 })).toBe(false);
    expect(within('a', { gt: 1, lte: 3 }, { a: 1.5 })).toBe(true);
    expect(within('a', { gt: 1 }, { a: ['2', [2n], 0n] })).toBe(false);
  });

  test('a date is read in every form that Qdrant reads, and a text that is none is outside', () => {
    const from = { seconds: BigInt(Date.UTC(2024, 1, 29, 10, 30) / 1000), nanos: 500_000_000 };
    const later = must(field({ key: 'a', datetimeRange: { gte: from } }));
    const same = ['2024-02-29T10:30:00.5Z', '2024-02-29 10:30:00.5', '2024-02-29T12:30:00.500000+02:00'];
    const before = [
      '2024-02-29T10:30:00.499999999Z',
      '2024-02-29',
      '2024-02-29 10:30',
      '2024-02-29T10:30:01+0100',
    ];
    const none = ['2025-02-29', '2024-13-01', '2025-01-01T10:30', '2025-01-01T24:00:00Z', 'soon', ''];
    expect(same.map((a) => passes(later, { a }))).toEqual([true, true, true]);
    expect([...before, ...none].filter((a) => passes(later, { a }))).toEqual([]);
    const any = must(field({ key: 'a', datetimeRange: {} }));
    expect([...same, ...before].filter((a) => !passes(any, { a }))).toEqual([]);
    expect(none.filter((a) => passes(any, { a }))).toEqual([]);
  });

  test('values_count counts a list, null as none and anything else as one; a missing key has no count', () => {
    const fewerThan2 = must(field({ key: 'a', valuesCount: { lt: 2n } }));
    const counted = (...payloads: Payload[]) => payloads.map((payload) => passes(fewerThan2, payload));
    expect(counted({ a: [] }, { a: null }, { a: 'x' }, { a: ['x'] })).toEqual(Array(4).fill(true));
    expect(counted({ a: [1n, 2n] }, {})).toEqual([false, false]);
  });
});

describe('emptiness', () => {
  const on = (kind: 'isEmpty' | 'isNull', key: string): ConditionInit => ({
    conditionOneOf: { case: kind, value: { key } },
  });

  test('is_empty takes a missing key, null and []; is_null takes null alone', () => {
    const values: Payload[] = [{}, { a: null }, { a: [] }, { a: [null] }, { a: 0n }];
    expect(values.map((one) => passes(must(on('isEmpty', 'a')), one))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(values.map((one) => passes(must(on('isNull', 'a')), one))).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  test('the flags of a field condition also see a null inside a list', () => {
    const flag = (init: FieldInit, payload: Payload) => passes(must(field({ key: 'a', ...init })), payload);
    expect(flag({ isNull: true }, { a: [1n, null] })).toBe(true);
    expect(flag({ isNull: false }, {})).toBe(true);
    expect(flag({ isEmpty: true }, {})).toBe(true);
    expect(flag({ isEmpty: false }, { a: [] })).toBe(false);
  });
});

describe('ids, vectors and nested elements', () => {
  const inside = (key: string, filter: FilterInit): ConditionInit => ({
    conditionOneOf: { case: 'nested', value: { key, filter: create(FilterSchema, filter) } },
  });

  test('has_id takes numbers and UUIDs in any writing', () => {
    const uuid = 'ABCDEF00-0000-4000-8000-000000000001';
    const ids = [uuid, 'abcdef00000040008000000000000002'].map((value) => ({
      pointIdOptions: { case: 'uuid' as const, value },
    }));
    const num = { pointIdOptions: { case: 'num' as const, value: 7n } };
    const test = compileFilter(
      create(FilterSchema, must({ conditionOneOf: { case: 'hasId', value: { hasId: [...ids, num] } } })),
    );
    const point = { payload: () => new Map(), hasVector: () => false };
    const points = [numberKey(7n), numberKey(8n), uuidKey(uuid.toLowerCase())];
    expect(points.map((id) => test({ id, ...point }))).toEqual([true, false, true]);
  });

  test('one element must meet the whole nested filter', () => {
    const both = { must: [isKeyword('sku', 's1'), integer('qty', 2n)] };
    const items = [
      { sku: 's1', qty: 1n },
      { sku: 's2', qty: 2n },
    ];
    expect(passes(must(inside('items', both)), { items })).toBe(false);
    expect(passes(must(inside('items[]', both)), { items: [...items, { sku: 's1', qty: 2n }] })).toBe(true);
    expect(passes(must(inside('items', {})), { items: { sku: 's1' } })).toBe(false);
  });

  test('an element has no id and no vector', () => {
    const hasVector: ConditionInit = { conditionOneOf: { case: 'hasVector', value: { hasVector: '' } } };
    expect(passes(must(hasVector), { items: [{}] })).toBe(true);
    expect(passes(must(inside('items', must(hasVector))), { items: [{}] })).toBe(false);
  });
});

describe('places', () => {
  const corner = (lon: number, lat: number) => ({ lon, lat });
  const square = [corner(0, 0), corner(10, 0), corner(10, 10), corner(0, 10), corner(0, 0)];
  const hole = [corner(4, 4), corner(6, 4), corner(6, 6), corner(4, 6), corner(4, 4)];

  test('a box may go over the 180th meridian', () => {
    const box = { topLeft: corner(170, 0), bottomRight: corner(-170, -20) };
    const found = (lon: number) =>
      passes(must(field({ key: 'at', geoBoundingBox: box })), { at: { lon, lat: -10 } });
    expect([175, -175, 180, 0, 169].map(found)).toEqual([true, true, true, false, false]);
  });

  test('a radius is a distance on the sphere, in metres', () => {
    const near = (radius: number) =>
      passes(must(field({ key: 'at', geoRadius: { center: corner(13.405, 52.52), radius } })), {
        at: [{ lon: 2.3522, lat: 48.8566 }],
      });
    expect([877_000, 878_000].map(near)).toEqual([false, true]);
  });

  test('a polygon has holes', () => {
    const polygon = { exterior: { points: square }, interiors: [{ points: hole }] };
    const found = (lon: number, lat: number) =>
      passes(must(field({ key: 'at', geoPolygon: polygon })), { at: { lon, lat } });
    expect([found(2, 5), found(5, 5), found(11, 5)]).toEqual([true, false, false]);
  });
});

describe('what is refused', () => {
  const codeOf = (filter: FilterInit): unknown => {
    try {
      compileFilter(create(FilterSchema, filter));
      return undefined;
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
  };
  const deep = (levels: number): FilterInit =>
    levels === 1 ? must(isKeyword('a', 'x')) : must(nest(deep(levels - 1)));

  test('a filter nested 33 deep or with 4,097 conditions', () => {
    expect([codeOf(deep(32)), codeOf(deep(33))]).toEqual([undefined, status.INVALID_ARGUMENT]);
    const many = (count: number) =>
      codeOf({ should: Array.from({ length: count }, () => isKeyword('a', 'x')) });
    expect([many(4096), many(4097)]).toEqual([undefined, status.INVALID_ARGUMENT]);
  });

  test.each<[string, ConditionInit]>([
    ['a field without predicate', field({ key: 'a' })],
    ['a match without value', field({ key: 'a', match: {} })],
    ['a bad path', isKeyword('a..b', 'x')],
    ['a nested condition without filter', { conditionOneOf: { case: 'nested', value: { key: 'a' } } }],
    ['an id without value', { conditionOneOf: { case: 'hasId', value: { hasId: [{}] } } }],
    ['a box without corners', field({ key: 'a', geoBoundingBox: {} })],
    ['a circle without centre', field({ key: 'a', geoRadius: {} })],
    ['a polygon without outer ring', field({ key: 'a', geoPolygon: {} })],
  ])('%s', (_, condition) => {
    expect(codeOf(must(condition))).toBe(status.INVALID_ARGUMENT);
  });
});
