import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../../../src/cli/filter/filter-fields.js';
import { filterFromJson } from '../../../src/cli/filter/filter-json.js';

test('every field of filter.proto is known, by its name and number', () => {
  const proto = readFileSync(resolve(__dirname, '../../../proto/vectorgateway/v1/filter.proto'), 'utf8');
  const renamed: Readonly<Record<string, string>> = {
    IsEmptyCondition: 'Key',
    IsNullCondition: 'Key',
    HasIdCondition: 'HasId',
    HasVectorCondition: 'HasVector',
    NestedCondition: 'Nested',
    RepeatedStrings: 'Strings',
    RepeatedIntegers: 'Integers',
    GeoLineString: 'GeoLine',
  };
  const found = [...proto.matchAll(/^message (\w+) \{\n(.*?)^\}/gms)];
  expect(found.length).toBeGreaterThan(15);
  for (const [, message = '', body = ''] of found) {
    const fields = [...body.matchAll(/^\s*(?:(repeated|optional) )?[\w.]+ (\w+) = (\d+);/gm)];
    const declared = Object.fromEntries(
      fields.map(([, label, name, number]) => [name, [Number(number), label === 'repeated']]),
    );
    const known = Object.entries(messageOf(renamed[message] ?? message)?.fields ?? {});
    expect([
      message,
      Object.fromEntries(known.map(([name, field]) => [name, [field.number, field.isList === true]])),
    ]).toEqual([message, declared]);
  }
});

test('a filter in the form of the API becomes the one of the client, in either spelling of names', () => {
  const conditions = [
    { field: { key: 'n', range: { gte: 1.5 } } },
    { hasId: { hasId: [{ num: '18446744073709551615' }] } },
    { field: { key: 'at', datetime_range: { lt: '2026-01-31T12:00:00.5Z' } } },
  ];
  const filter = filterFromJson(JSON.stringify({ must: conditions, must_not: [{ isNull: { key: 'x' } }] }));
  expect(filter.must?.map(({ conditionOneOf }) => conditionOneOf)).toMatchObject([
    { $case: 'field', value: { key: 'n', range: { gte: 1.5 } } },
    {
      $case: 'hasId',
      value: { hasId: [{ pointIdOptions: { $case: 'num', value: 18446744073709551615n } }] },
    },
    {
      $case: 'field',
      value: { key: 'at', datetimeRange: { lt: { seconds: 1769860800n, nanos: 500_000_000 } } },
    },
  ]);
  expect(filter.mustNot).toHaveLength(1);
  expect(
    filterFromJson('{"min_should":{"conditions":[],"min_count":1}}').must?.[0]?.conditionOneOf?.$case,
  ).toBe('filter');
});

test.each([
  ['{"must":[', /--filter: is not JSON/],
  ['[]', /--filter must be an object/],
  ['{"must":{}}', /--filter\.must must be a list/],
  ['{"must":[{}]}', /--filter\.must\[0\] must have exactly one member/],
  ['{"must":[{"key":"a","match":{"value":1}}]}', /--filter\.must\[0\] must have exactly one member/],
  [
    '{"must":[{"field":{"key":"a","match":{"value":1}}}]}',
    /match\.value is not known; known are: keyword, integer/,
  ],
  ['{"must":[{"field":{"key":"a","match":{"integer":1.5}}}]}', /integer must be an integer/],
  ['{"must":[{"field":{"key":1}}]}', /key must be a string/],
  ['{"constructor":[]}', /--filter\.constructor is not known/],
])('%s is refused with its place', (text, message) => {
  expect(() => filterFromJson(text)).toThrow(message);
});
