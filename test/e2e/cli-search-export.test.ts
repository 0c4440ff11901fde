import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { filters, type PointInput } from '../../src/client/index.js';
import { type DataGround, linesOf, startDataGround } from '../support/cli-data.js';

const uuid = '5f0c1d2e-8a3b-4c5d-9e6f-7a8b9c0d1e2f';
const largest = 2n ** 64n - 1n;
const hostile: PointInput[] = [
  { id: 0, vector: [0.1, -0, 3.4028234663852886e38], payload: {} },
  {
    id: 2n ** 53n + 1n,
    vector: [1e-45, 1 / 3, 16777217],
    payload: { big: 2n ** 63n - 1n, double: 1e18, half: -0.5 },
  },
  {
    id: largest,
    vector: [1, 2, 3],
    payload: { text: '"\n\u2028é😀', nested: [{ a: null }, [true]], ['__proto__']: 1 },
  },
  { id: uuid, vector: [-1.17549435e-38, 7.038531e-26, 9.999999e-5], payload: { lang: 'de' } },
];

let ground: DataGround;

beforeAll(async () => {
  ground = await startDataGround();
  await ground.client.collections.create('docs', { vectorSize: 3, distance: 'dot' });
  await ground.client.points('docs').upsert(hostile);
});
afterAll(() => ground.close());

test('what is exported and ingested is the same collection, bit by bit', async () => {
  const file = ground.path('docs.jsonl.gz');
  const exported = await ground.cli(['export', '-c', 'docs', '-o', file]);
  expect(exported).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('exported 4 points of docs to'),
  });
  expect(gunzipSync(readFileSync(file)).toString()).toContain(`"id":${largest},`);
  const ingested = await ground.cli(['ingest', file, '-c', 'copy', '--create', '--distance', 'dot']);
  expect(ingested.code).toBe(0);
  const [before, after] = [await ground.stored('docs'), await ground.stored('copy')];
  expect(before).toHaveLength(hostile.length);
  expect(after).toEqual(before);
});

test('by a filter, without vectors, to standard output', async () => {
  const filter = '{"must":[{"field":{"key":"lang","match":{"keyword":"de"}}}]}';
  const { code, out } = await ground.cli(['export', '-c', 'docs', '--no-vectors', '--filter', filter]);
  expect(code).toBe(0);
  expect(out).toBe(`{"id":"${uuid}","payload":{"lang":"de"}}\n`);
});

test('an export that fails leaves no file', async () => {
  const file = ground.path('none.jsonl');
  const { code, err } = await ground.cli(['export', '-c', 'missing', '-o', file]);
  expect(code).toBe(1);
  expect(err).toContain('COLLECTION_NOT_FOUND');
  expect(existsSync(file)).toBe(false);
  expect(readdirSync(ground.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('search by vector and by id prints a JSON object a line, the nearest first', async () => {
  const flags = ['--limit', '2', '--with-vector'];
  const byVector = await ground.cli(['search', '-c', 'docs', '--vector', '[0, 1, 0]', ...flags]);
  expect(byVector.code).toBe(0);
  expect(byVector.out).toContain(`{"id":${largest},"score":2,`);
  expect(linesOf(byVector.out)[0]).toMatchObject({
    vector: [1, 2, 3],
    payload: { nested: [{ a: null }, [true]] },
  });
  const byId = await ground.cli([
    'search',
    '-c',
    'docs',
    '--id',
    String(largest),
    '--no-payload',
    '--limit',
    '1',
  ]);
  const [nearest] = await ground.client.points('docs').queryById(largest, { limit: 1 });
  expect(linesOf(byId.out).map(({ id }) => id)).toEqual([Number(nearest?.id)]);
  expect(byId.out).not.toContain('payload');
  const fromFile = ground.file('vector.json', '[0,1,0]');
  const filter = `{"mustNot":[{"hasId":{"hasId":[{"num":"${largest}"}]}}]}`;
  const filtered = await ground.cli(['search', '-c', 'docs', '--vector', `@${fromFile}`, '--filter', filter]);
  const expected = await ground.client
    .points('docs')
    .search([0, 1, 0], { filter: { mustNot: [filters.hasId(largest)] } });
  expect(linesOf(filtered.out).map(({ score }) => Math.fround(Number(score)))).toEqual(
    expected.map(({ score }) => score),
  );
});

test.each([
  [['--vector', '[1,2]'], 1, /VECTOR_DIMENSION_MISMATCH/],
  [['--vector', 'north'], 2, /"--vector" is no list of numbers/],
  [['--vector', '[1,2,3]', '--id', '1'], 2, /either --vector or --id/],
  [['--id', '1', '--limit', '0'], 2, /--limit: got "0", allowed: a whole number from 1/],
  [['--id', '1', '--filter', '{"must":[{"key":"lang"}]}'], 2, /--filter\.must\[0\]\.key is not known/],
  [['--id', '404'], 1, /POINT_NOT_FOUND/],
])('search %j ends with code %i and says why', async (args, code, message) => {
  expect(await ground.cli(['search', '-c', 'docs', ...args])).toMatchObject({
    code,
    err: expect.stringMatching(message),
  });
});

test('collections are created, listed, shown and deleted', async () => {
  const created = await ground.cli(['collections', 'create', 'notes', '-d', '8', '--distance', 'euclid']);
  expect(created.code).toBe(0);
  const shown = await ground.cli(['collections', 'get', 'notes']);
  expect(JSON.parse(shown.out)).toMatchObject({ name: 'notes', dimension: 8, distance: 'euclid', points: 0 });
  expect((await ground.cli(['collections', 'list'])).out.split('\n')).toContain('notes');
  const unasked = await ground.cli(['collections', 'delete', 'notes']);
  expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  expect((await ground.cli(['collections', 'delete', 'notes', '--yes'])).out).toBe('deleted notes\n');
  expect((await ground.cli(['collections', 'get', 'notes'])).code).toBe(1);
});
