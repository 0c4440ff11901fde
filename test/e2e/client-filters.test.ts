import {
  type Client,
  Code,
  createClient,
  type FilterInput,
  filters,
  type Points,
} from '../../src/client/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

const { match, matchExcept, matchText, matchAnyWord, matchPhrase, range, dateRange, valuesCount } = filters;
const { hasId, isEmpty, isNull, nested, all, any, atLeast, none, geoRadius, geoBox, geoPolygon } = filters;

let gateway: TestGateway;
let client: Client;
let points: Points;

const berlin = { lon: 13.4, lat: 52.52 };
const potsdam = { lon: 13.06, lat: 52.4 };
const payloads = {
  1: { lang: 'de', pages: 10, tags: ['a', 'b'], at: '2024-01-31T12:00:00Z', place: berlin },
  2: { lang: 'en', pages: 20, tags: [], at: '2024-02-01T00:00:00.500Z', place: potsdam },
  3: { lang: 'fr', pages: 30.5, tags: null, at: '2025-01-01T00:00:00Z', place: { lon: 2.35, lat: 48.85 } },
  4: {
    text: 'the quick brown fox',
    note: 'the quick brown fox',
    parts: [
      { n: 1, kind: 'x' },
      { n: 2, kind: 'y' },
    ],
  },
  5: {
    text: 'a brown and quick dog',
    note: 'a brown and quick dog',
    parts: [
      { n: 1, kind: 'y' },
      { n: 2, kind: 'x' },
    ],
  },
};

beforeAll(async () => {
  gateway = await startTestGateway();
  client = createClient({ address: gateway.address, tenant: '42' });
  await client.collections.create('docs', { vectorSize: 2 });
  await client.collections.createPayloadIndex('docs', 'text', 'text');
  points = client.points('docs');
  await points.upsert(
    Object.entries(payloads).map(([id, payload]) => ({ id: Number(id), vector: [1, 2], payload })),
  );
});
afterAll(async () => {
  client?.close();
  await gateway?.close();
});

async function passing(filter: FilterInput): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of points.scroll({ filter, withPayload: false })) ids.push(Number(id));
  return ids;
}

const noon = new Date('2024-01-31T12:00:00Z');
const square = [
  { lon: 13, lat: 52.3 },
  { lon: 13.7, lat: 52.3 },
  { lon: 13.7, lat: 52.7 },
  { lon: 13, lat: 52.7 },
  { lon: 13, lat: 52.3 },
];
const holeAround = ({ lon, lat }: typeof berlin) =>
  [
    [-0.1, -0.1],
    [0.1, -0.1],
    [0.1, 0.1],
    [-0.1, 0.1],
    [-0.1, -0.1],
  ].map(([east = 0, north = 0]) => ({ lon: lon + east, lat: lat + north }));

test.each([
  ['match: a keyword', match('lang', 'de'), [1]],
  ['match: one of several keywords', match('lang', ['de', 'fr']), [1, 3]],
  ['match: an integer', match('pages', 20), [2]],
  ['matchExcept: keywords', matchExcept('lang', ['de', 'fr']), [2]],
  ['matchExcept: integers', matchExcept('pages', [10, 11n]), [2, 3]],
  ['matchText: all words', matchText('text', 'quick fox'), [4]],
  ['matchAnyWord: one of the words', matchAnyWord('text', 'fox dog'), [4, 5]],
  ['matchPhrase: as it is written', matchPhrase('note', 'quick brown'), [4]],
  ['range: both ends', range('pages', { gt: 10, lte: 30.5 }), [2, 3]],
  ['dateRange: inclusive', dateRange('at', { lte: noon }), [1]],
  [
    'dateRange: exclusive, to the millisecond',
    dateRange('at', { gt: noon, lt: new Date('2024-02-01T00:00:00.501Z') }),
    [2],
  ],
  ['valuesCount: of a list', valuesCount('tags', { gte: 2 }), [1]],
  ['hasId', hasId(2, 5n), [2, 5]],
  ['isEmpty: nothing, null and an empty list', isEmpty('tags'), [2, 3, 4, 5]],
  ['isNull: null only', isNull('tags'), [3]],
  [
    'nested: one element for all conditions',
    nested('parts', { must: [match('n', 1), match('kind', 'x')] }),
    [4],
  ],
  ['geoRadius: metres', geoRadius('place', berlin, 40_000), [1, 2]],
  ['geoRadius: a smaller one', geoRadius('place', berlin, 10_000), [1]],
  [
    'geoBox: between corners',
    geoBox('place', { topLeft: { lon: 13, lat: 52.6 }, bottomRight: { lon: 14, lat: 52 } }),
    [1, 2],
  ],
  ['geoPolygon: within a ring', geoPolygon('place', square), [1, 2]],
  ['geoPolygon: not in a hole', geoPolygon('place', square, [holeAround(berlin)]), [2]],
  ['all', all(match('lang', 'de'), match('pages', 20)), []],
  ['any', any(match('lang', 'de'), match('pages', 20)), [1, 2]],
  ['none', none(match('lang', 'de'), match('pages', 20)), [3, 4, 5]],
  ['atLeast', atLeast(2, match('lang', 'de'), match('pages', 10), match('pages', 20)), [1]],
])('%s', async (_what, condition, expected) => {
  expect(await passing({ must: [condition] })).toEqual(expected);
});

test('minShould is a member of a filter too', async () => {
  const conditions = [match('lang', 'en'), match('pages', 20), match('pages', 10)];
  expect(await passing({ minShould: { conditions, minCount: 2 } })).toEqual([2]);
});

test.each([
  [
    'a bound that does not exist',
    () => range('pages', { gtt: 1 } as object),
    'range.gtt: is not lt, lte, gt or gte',
  ],
  ['a date that is none', () => dateRange('at', { gt: new Date('x') }), 'dateRange.gt: is not a valid Date'],
  [
    'a date as a text',
    () => dateRange('at', { lt: '2024-01-01' as never }),
    'dateRange.lt: is not a valid Date',
  ],
  [
    'a fraction of a value',
    () => valuesCount('tags', { gte: 0.5 }),
    'valuesCount.gte: must be an integer from 0',
  ],
  ['a negative count', () => atLeast(-1, match('a', 1)), 'minCount: must be an integer from 0'],
])('%s is refused before it is sent', (_what, make, message) => {
  expect(make).toThrow(message);
});

test('what only the gateway can see is wrong comes back with its path', async () => {
  const away = passing({ must: [geoRadius('place', { lon: 181, lat: 0 }, 1)] });
  await expect(away).rejects.toMatchObject({
    code: Code.INVALID_ARGUMENT,
    violations: [{ field: expect.stringContaining('filter.must[0]') }],
  });
});
