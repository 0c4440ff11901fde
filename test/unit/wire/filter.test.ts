import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type ConditionSchema, type FieldConditionSchema, FilterSchema } from '@qdrant/js-client-grpc';
import { checkFilter } from '../../../src/wire/index.js';
import { refusal } from './oracle.js';

type FilterInit = MessageInitShape<typeof FilterSchema>;
type ConditionInit = MessageInitShape<typeof ConditionSchema>;
type FieldInit = MessageInitShape<typeof FieldConditionSchema>;

const check = (init: FilterInit, rules?: { allowEmpty?: boolean }) =>
  refusal(() => checkFilter(create(FilterSchema, init), 'filter', rules));

const fieldOf = (field: FieldInit): ConditionInit => ({ conditionOneOf: { case: 'field', value: field } });
const good = fieldOf({ key: 'title', match: { matchValue: { case: 'keyword', value: 'x' } } });
const inFilter = (filter: FilterInit): ConditionInit => ({
  conditionOneOf: { case: 'filter', value: filter },
});

const withoutPredicate: readonly (readonly [string, ConditionInit, string])[] = [
  ['nothing at all', {}, ''],
  ['a key alone', fieldOf({ key: 'title' }), '.field'],
  ['no key', fieldOf({ match: { matchValue: { case: 'keyword', value: 'x' } } }), '.field.key'],
  ['an empty match', fieldOf({ key: 'title', match: {} }), '.field.match'],
  ['an empty range', fieldOf({ key: 'title', range: {} }), '.field.range'],
  ['an empty datetime range', fieldOf({ key: 'title', datetimeRange: {} }), '.field.datetime_range'],
  ['an empty values_count', fieldOf({ key: 'title', valuesCount: {} }), '.field.values_count'],
  ['a filter without conditions', inFilter({}), '.filter'],
  [
    'a nested filter without conditions',
    { conditionOneOf: { case: 'nested', value: { key: 'a', filter: {} } } },
    '.nested.filter',
  ],
  ['is_empty of nothing', { conditionOneOf: { case: 'isEmpty', value: {} } }, '.is_empty.key'],
  ['is_null of nothing', { conditionOneOf: { case: 'isNull', value: {} } }, '.is_null.key'],
];

describe.each(withoutPredicate)('a condition with %s', (_what, condition, path) => {
  it('is refused wherever it stands', () => {
    expect(check({ must: [good, condition] })?.violations[0]).toMatchObject({
      field: `filter.must[1]${path}`,
      reason: 'FILTER_INVALID',
    });
    expect(check({ mustNot: [condition] })?.violations[0]?.field).toBe(`filter.must_not[0]${path}`);
    expect(check({ should: [condition] })?.violations[0]?.field).toBe(`filter.should[0]${path}`);
    expect(check({ minShould: { conditions: [condition], minCount: 1n } })?.violations[0]?.field).toBe(
      `filter.min_should.conditions[0]${path}`,
    );
    expect(check({ must: [inFilter({ must: [condition] })] })?.violations[0]?.field).toBe(
      `filter.must[0].filter.must[0]${path}`,
    );
  });
});

describe('an empty filter', () => {
  it('means everything to a read, and is refused for a write', () => {
    expect(check({})).toBeUndefined();
    expect(check({}, { allowEmpty: false })).toMatchObject({ reason: 'FILTER_INVALID' });
    expect(check({ must: [good] }, { allowEmpty: false })).toBeUndefined();
  });

  it.each<readonly [string, ConditionInit]>([
    ['ids', { conditionOneOf: { case: 'hasId', value: {} } }],
    ['keywords', fieldOf({ key: 'a', match: { matchValue: { case: 'keywords', value: {} } } })],
    ['except_keywords', fieldOf({ key: 'a', match: { matchValue: { case: 'exceptKeywords', value: {} } } })],
    ['integers', fieldOf({ key: 'a', match: { matchValue: { case: 'integers', value: {} } } })],
    ['except_integers', fieldOf({ key: 'a', match: { matchValue: { case: 'exceptIntegers', value: {} } } })],
  ])('in disguise, a list of no %s, is refused for a write at any depth', (_what, condition) => {
    const filter = { must: [inFilter({ mustNot: [condition] })] };
    expect(check(filter)).toBeUndefined();
    expect(check(filter, { allowEmpty: false })).toMatchObject({ reason: 'FILTER_INVALID' });
  });
});

describe('min_should', () => {
  it('needs conditions and a count of at least 1', () => {
    expect(check({ minShould: { minCount: 1n } })?.violations[0]?.field).toBe('filter.min_should.conditions');
    expect(check({ minShould: { conditions: [good] } })?.violations[0]?.field).toBe(
      'filter.min_should.min_count',
    );
    expect(check({ minShould: { conditions: [good], minCount: 1n } })).toBeUndefined();
  });
});

describe('bounds of a filter', () => {
  it('are 32 levels', () => {
    const deep = (levels: number): FilterInit => ({
      must: [levels === 1 ? good : inFilter(deep(levels - 1))],
    });
    expect(check(deep(32))).toBeUndefined();
    expect(check(deep(33))).toMatchObject({ reason: 'FILTER_INVALID' });
  });

  it('are 4,096 conditions, wherever they stand', () => {
    const halves = (count: number): FilterInit => ({
      must: Array(2048).fill(good),
      should: Array(count).fill(good),
    });
    expect(check(halves(2048))).toBeUndefined();
    expect(check(halves(2049))).toMatchObject({ reason: 'FILTER_INVALID' });
  });
});

describe('values of a filter', () => {
  const at = (lon: number, lat: number) => ({ lon, lat });
  const ring = (...points: readonly (readonly [number, number])[]) => ({
    points: points.map(([lon, lat]) => at(lon, lat)),
  });
  const square = ring([0, 0], [0, 1], [1, 1], [1, 0], [0, 0]);

  it.each<readonly [string, FieldInit]>([
    ['range.lt', { range: { lt: Number.NaN } }],
    ['datetime_range.gt', { datetimeRange: { gt: { seconds: 253_402_300_800n } } }],
    ['datetime_range.gte', { datetimeRange: { gte: { nanos: -1 } } }],
    ['geo_radius.center', { geoRadius: { radius: 1 } }],
    ['geo_radius.center.lat', { geoRadius: { center: at(0, 90.5), radius: 1 } }],
    ['geo_radius.center.lon', { geoRadius: { center: at(Number.NaN, 0), radius: 1 } }],
    ['geo_radius.radius', { geoRadius: { center: at(0, 0), radius: -1 } }],
    ['geo_radius.radius', { geoRadius: { center: at(0, 0), radius: Number.POSITIVE_INFINITY } }],
    ['geo_bounding_box.top_left.lon', { geoBoundingBox: { topLeft: at(181, 1), bottomRight: at(1, 0) } }],
    ['geo_bounding_box.top_left.lat', { geoBoundingBox: { topLeft: at(0, 0), bottomRight: at(1, 1) } }],
    ['geo_bounding_box.bottom_right', { geoBoundingBox: { topLeft: at(0, 0) } }],
    ['geo_polygon.exterior', { geoPolygon: { exterior: ring([0, 0], [0, 1], [0, 0]) } }],
    ['geo_polygon.exterior', { geoPolygon: { exterior: ring([0, 0], [0, 1], [1, 1], [1, 0]) } }],
    ['geo_polygon.interiors[0]', { geoPolygon: { exterior: square, interiors: [{}] } }],
    [
      'geo_polygon.exterior.points[1].lat',
      { geoPolygon: { exterior: ring([0, 0], [0, 91], [1, 1], [0, 0]) } },
    ],
  ])('out of range are refused at %s', (path, predicate) => {
    expect(
      check({ must: [fieldOf({ key: 'place', ...predicate } as FieldInit)] })?.violations[0],
    ).toMatchObject({
      field: `filter.must[0].field.${path}`,
      reason: 'FILTER_INVALID',
    });
  });

  it('in range are accepted, infinite bounds too', () => {
    const fields: FieldInit[] = [
      { key: 'a', range: { lt: Number.POSITIVE_INFINITY, gt: -0 } },
      { key: 'a', geoRadius: { center: at(-180, 90), radius: 0 } },
      { key: 'a', geoPolygon: { exterior: square, interiors: [square] } },
      { key: 'a', geoBoundingBox: { topLeft: at(170, 1), bottomRight: at(-170, 0) } },
      { key: 'a', isNull: false },
      { key: 'a', valuesCount: { gt: 0n } },
    ];
    expect(check({ must: fields.map(fieldOf) })).toBeUndefined();
  });

  it('that are ids have an exact form', () => {
    const ids = (value: string): ConditionInit => ({
      conditionOneOf: { case: 'hasId', value: { hasId: [{ pointIdOptions: { case: 'uuid', value } }] } },
    });
    expect(check({ must: [ids('doc-17')] })?.violations[0]).toMatchObject({
      field: 'filter.must[0].has_id.has_id[0].uuid',
      reason: 'POINT_ID_INVALID',
    });
    expect(check({ must: [ids('6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091')] })).toBeUndefined();
  });
});
