import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type DataGround, linesOf, startDataGround } from '../support/cli-data.js';
import { runCli } from '../support/cli-process.js';

let ground: DataGround;

beforeAll(async () => {
  ground = await startDataGround();
});
afterAll(() => ground.close());

const row = (
  id: number | string,
  vector: readonly number[] = [1, 2],
  payload: object = { n: Number(id) },
): string => `{"id":${id},"vector":${JSON.stringify(vector)},"payload":${JSON.stringify(payload)}}\n`;
const rows = (count: number): string => Array.from({ length: count }, (_, index) => row(index + 1)).join('');

test('a gzipped file is stored whole, into a collection that --create makes', async () => {
  const file = ground.file('whole.jsonl.gz', gzipSync(rows(500)));
  const { code, out } = await ground.cli(['ingest', file, '-c', 'whole', '--create', '--distance', 'dot']);
  expect(code).toBe(0);
  expect(out).toMatch(/rows +500\n +stored +500\n +rejected +0\n/);
  expect(await ground.client.collections.get('whole')).toMatchObject({
    vectorSize: 2,
    distance: 'dot',
    pointsCount: 500,
  });
  expect(existsSync(`${file}.checkpoint.json`)).toBe(false);
  expect(existsSync(`${file}.rejected.jsonl`)).toBe(false);
});

test('no digit of an id is lost, integers stay integers, UUIDs stay UUIDs', async () => {
  const uuid = '5f0c1d2e-8a3b-4c5d-9e6f-7a8b9c0d1e2f';
  const text = [
    '{"id":18446744073709551615,"vector":[1,2],"payload":{"big":9007199254740993,"half":0.5,"text":"id: 12345678901234567890,"}}',
    `{"id":"${uuid}","vector":[1,2]}`,
    '{"id":"9007199254740993","vector":[12345678901234567890,2]}',
  ].join('\n');
  const { code } = await ground.cli([
    'ingest',
    ground.file('ids.jsonl', text),
    '-c',
    'ids',
    '--create',
    '--distance',
    'dot',
  ]);
  expect(code).toBe(0);
  const points = new Map((await ground.stored('ids')).map((point) => [point.id, point]));
  expect([...points.keys()].map(String).sort()).toEqual(
    ['18446744073709551615', uuid, '9007199254740993'].sort(),
  );
  expect(points.get(18446744073709551615n)?.payload).toEqual({
    big: 9007199254740993n,
    half: 0.5,
    text: 'id: 12345678901234567890,',
  });
  expect(points.get(9007199254740993n)?.vector).toEqual(Float32Array.of(Number(12345678901234567890n), 2));
});

test('other ids become UUIDs in a namespace, and are refused with the flag named without one', async () => {
  const file = ground.file('names.jsonl', '{"id":"www.example.com","vector":[1,2]}\n');
  const refused = await ground.cli(['ingest', file, '-c', 'names', '--create']);
  expect(refused.code).toBe(3);
  expect(linesOf(readFileSync(`${file}.rejected.jsonl`, 'utf8'))).toEqual([
    {
      row: 1,
      line: 1,
      reason: 'POINT_ID_INVALID',
      message: expect.stringContaining('--id-namespace'),
      raw: '{"id":"www.example.com","vector":[1,2]}',
    },
  ]);
  const namespace = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  const { code } = await ground.cli(['ingest', file, '-c', 'names', '--create', '--id-namespace', namespace]);
  expect(code).toBe(0);
  // The example of RFC 9562, appendix A.4.
  expect((await ground.stored('names')).map(({ id }) => id)).toEqual([
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  ]);
});

const bad = [
  row(1),
  'not json\n',
  row(3, [1, 2, 3]),
  '\n',
  '{"id":5,"vector":[1,"2"]}\n',
  '{"id":6,"vector":[1,1e39]}\n',
  '{"vector":[1,2]}\n',
  row(8),
  `{"id":9,"vector":[1,2],"payload":{"text":"${'x'.repeat(2000)}"}}\n`,
  row(10),
].join('');
const badReasons = [
  [2, 2, 'ROW_MALFORMED'],
  [3, 3, 'VECTOR_DIMENSION_MISMATCH'],
  [4, 5, 'POINT_INVALID'],
  [5, 6, 'VECTOR_NOT_FINITE'],
  [6, 7, 'POINT_ID_INVALID'],
  [8, 9, 'ROW_TOO_LONG'],
];

test.each([
  ['stored', []],
  ['checked without a gateway', ['--dry-run', '--address', '127.0.0.1:9']],
])('bad rows are listed in their order with reasons, the others are %s', async (_what, flags) => {
  const file = ground.file('bad.jsonl', bad);
  const args = ['ingest', file, '-c', 'bad', '--max-line-bytes', '1024', '--json', ...flags];
  const { code, out } = await ground.cli(flags.length > 0 ? args : [...args, '--create']);
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ rows: 9, stored: 3, rejected: 6, exitCode: 3 });
  const rejected = linesOf(readFileSync(`${file}.rejected.jsonl`, 'utf8'));
  expect(rejected.map((entry) => [entry.row, entry.line, entry.reason])).toEqual(badReasons);
  if (flags.length === 0) expect((await ground.stored('bad')).map(({ id }) => id)).toEqual([1n, 8n, 10n]);
});

test('--strict ends at the first bad row with code 4, --resume goes on without it', async () => {
  const file = ground.file('strict.jsonl', bad);
  const args = ['ingest', file, '-c', 'strict', '--create', '--max-line-bytes', '1024'];
  const strict = await ground.cli([...args, '--strict']);
  expect(strict.code).toBe(4);
  expect(strict.err).toContain('--strict: row 2 (line 2): ROW_MALFORMED');
  expect(strict.err).toMatch(/ingest .*strict\.jsonl .*--resume\n$/);
  const resumed = await ground.cli([...args, '--resume', '--json']);
  expect(resumed.code).toBe(3);
  expect(JSON.parse(resumed.out)).toMatchObject({ rows: 9, stored: 3, rejected: 6, resumedAfter: 1 });
  expect(linesOf(readFileSync(`${file}.rejected.jsonl`, 'utf8'))).toHaveLength(6);
});

test('of a gzip that breaks off everything before is stored, and --resume takes the mended file', async () => {
  const whole = gzipSync(
    Array.from({ length: 3000 }, (_, index) => row(index + 1, [Math.sin(index), 2])).join(''),
  );
  const file = ground.file('cut.jsonl.gz', whole.subarray(0, whole.length / 2));
  const args = ['ingest', file, '-c', 'cut', '--create', '--json'];
  const cut = await ground.cli(args);
  expect(cut.code).toBe(1);
  expect(cut.err).toMatch(/the gzip data breaks off after \d+ unpacked bytes, after row \d+/);
  expect(cut.err).toContain('--resume');
  const { rows: before, stored } = JSON.parse(cut.out);
  expect(stored).toBe(before);
  const readable = gunzipSync(whole.subarray(0, whole.length / 2), { finishFlush: 2 }).toString();
  expect(before).toBe(readable.split('\n').length - 1);
  ground.file('cut.jsonl.gz', whole);
  const mended = await ground.cli([...args, '--resume']);
  expect(mended.code).toBe(0);
  expect(JSON.parse(mended.out)).toMatchObject({ rows: 3000, stored: 3000, resumedAfter: before });
});

test('a gzip that is damaged inside has to be begun again: its rows cannot be trusted', async () => {
  const damaged = gzipSync(rows(500));
  damaged.writeUInt8((damaged.at(-6) ?? 0) ^ 1, damaged.length - 6);
  const file = ground.file('damaged.jsonl.gz', damaged);
  const { code, err } = await ground.cli(['ingest', file, '-c', 'damaged', '--create']);
  expect(code).toBe(1);
  expect(err).toContain('the gzip data is damaged');
  expect(err).toContain('mend the file, and ingest it from its beginning');
  expect(err).not.toContain('--resume');
  expect(existsSync(`${file}.checkpoint.json`)).toBe(false);
});

test('a column that no row has is told at once, with those that there are', async () => {
  const file = ground.file('column.jsonl', rows(1000));
  const { code, err } = await ground.cli([
    'ingest',
    file,
    '-c',
    'column',
    '--create',
    '--vector-field',
    'embedding',
  ]);
  expect(code).toBe(2);
  expect(err).toContain(
    'none of the first 100 rows has a column "embedding"; there are: id, vector, payload',
  );
  expect(existsSync(`${file}.rejected.jsonl`)).toBe(false);
  expect(existsSync(`${file}.checkpoint.json`)).toBe(false);
});

test('without a "payload" all other columns are the payload, or those that are named', async () => {
  const text = '{"id":1,"vector":[1,2],"a":1,"b":{"c":[true,null]}}\n';
  await ground.cli(['ingest', '-', '-c', 'flat', '--create', '--checkpoint', ground.path('c1')], text);
  expect((await ground.stored('flat'))[0]?.payload).toEqual({ a: 1, b: { c: [true, null] } });
  const args = ['ingest', '-', '-c', 'flat', '--payload-columns', 'b', '--checkpoint', ground.path('c1')];
  await ground.cli(args, text);
  expect((await ground.stored('flat'))[0]?.payload).toEqual({ b: { c: [true, null] } });
});

test.each([
  [['nowhere.jsonl', '-c', 'x'], 2, /cannot read nowhere\.jsonl/],
  [['FILE'], 2, /--collection/],
  [['FILE', '-c', 'missing'], 1, /no collection "missing"; --create/],
  [
    ['FILE', '-c', 'x', '--address', '127.0.0.1:9'],
    1,
    /is a gateway running at 127\.0\.0\.1:9\? See --address/,
  ],
  [['FILE', '-c', 'x', '--address', 'http://127.0.0.1:9'], 2, /--address: must be "host:port"/],
  [['FILE', '-c', 'x', '--colour', 'red'], 2, /unknown option '--colour'/],
  [['FILE', '-c', 'x', '--id-namespace', 'mine'], 2, /--id-namespace: "mine" is no UUID/],
  [['FILE', '-c', 'x', '--csv-types', 'a=integer'], 2, /--csv-types is for csv files/],
  [['FILE', '-c', 'x', '--tenant', 'no tenant'], 1, /TENANT_ID_INVALID/],
])('ingest %j ends with code %i and says why', async (args, code, text) => {
  const file = ground.file('some.jsonl', rows(1));
  const result = await ground.cli(['ingest', ...args.map((arg) => (arg === 'FILE' ? file : arg))]);
  expect(result).toMatchObject({ code, err: expect.stringMatching(text) });
});

test('a rejected file takes the place of no other file', async () => {
  const file = ground.file('precious.jsonl', rows(1));
  const { code, err } = await ground.cli(['ingest', file, '--dry-run', '--rejected', file]);
  expect(code).toBe(2);
  expect(err).toContain('is no file of rejected rows');
  expect(readFileSync(file, 'utf8')).toBe(rows(1));
});

test('the help of a data command shows its own flags and no settings of the gateway', async () => {
  const { code, out } = await runCli(['ingest', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('--tenant <id>');
  expect(out).toContain('Exit codes: 0 all stored');
  expect(out).not.toContain('QDRANT_URL');
  expect(out.split('\n').length).toBeLessThan(80);
});

test('flags of "serve" before a data command are refused', async () => {
  const { code, err } = await runCli(['--tenant-header', 'x', 'ingest', 'a.jsonl', '--dry-run']);
  expect(code).toBe(2);
  expect(err).toContain('stand behind its name');
});
