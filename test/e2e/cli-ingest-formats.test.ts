import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Payload, PointId } from '../../src/client/index.js';
import { type DataGround, linesOf, startDataGround } from '../support/cli-data.js';
import { npyBytes } from '../support/npy-bytes.js';

let ground: DataGround;

beforeAll(async () => {
  ground = await startDataGround();
});
afterAll(() => ground.close());

interface Stored {
  readonly id: PointId;
  readonly vector: number[];
  readonly payload: Payload;
}

/** Ingests with distance dot, which keeps vectors as they are, and returns what is stored then. */
async function ingested(collection: string, file: string, ...flags: readonly string[]): Promise<Stored[]> {
  const args = ['ingest', file, '-c', collection, '--create', '--distance', 'dot', '--json', ...flags];
  const { code, err } = await ground.cli(args);
  expect({ code, err: code === 0 || code === 3 ? '' : err }).toEqual({ code: expect.any(Number), err: '' });
  const points = await ground.stored(collection);
  return points.map(({ id, vector, payload }) => ({ id, vector: [...(vector ?? [])], payload }));
}

describe('CSV', () => {
  test('columns are strings, quotes and line ends within them included; empty cells are left out', async () => {
    const text =
      '\ufeffid,vector,title,note\r\n1,"[1, 2.5]","Say ""hi"",\nworld",007\r\n2,3 4,,5" disk\r\n3,5;6,é,\r\n';
    expect(await ingested('csv1', ground.file('a.csv', text))).toEqual([
      { id: 1n, vector: [1, 2.5], payload: { title: 'Say "hi",\nworld', note: '007' } },
      { id: 2n, vector: [3, 4], payload: { note: '5" disk' } },
      { id: 3n, vector: [5, 6], payload: { title: 'é' } },
    ]);
  });

  test('a vector of many columns, types by flag, tabs and gzip', async () => {
    const text = 'sku\tv_1\tv_0\tprice\tstock\tnew\ttags\n7\t2\t1\t1.10\t9007199254740993\ttrue\t["a",1]\n';
    const types = 'price=number,stock=integer,new=boolean,tags=json';
    const flags = ['--id-field', 'sku', '--vector-prefix', 'v_', '--csv-types', types];
    expect(await ingested('csv2', ground.file('b.tsv.gz', gzipSync(text)), ...flags)).toEqual([
      {
        id: 7n,
        vector: [1, 2],
        payload: { price: 1.1, stock: 9007199254740993n, new: true, tags: ['a', 1] },
      },
    ]);
  });

  test('"auto" leaves as text what would not read back as the same text', async () => {
    const text = 'id,vector,zip,version,pages,price,open\n1,1 2,007,1.10,12,2.5,false\n';
    expect((await ingested('csv3', ground.file('c.csv', text), '--csv-types', 'auto'))[0]?.payload).toEqual({
      zip: '007',
      version: '1.10',
      pages: 12,
      price: 2.5,
      open: false,
    });
  });

  test('bad records are rejected, those beside them are stored', async () => {
    const records = [
      'id,vector,n',
      '1,1 2,1',
      '2,1 2',
      '3,1 2,"3',
      '4,x,4',
      '5,1 x,1',
      '6,1 2,many',
      '7,1 2,7',
    ];
    const file = ground.file('d.csv', `${records.join('\n')}\n`);
    const stored = await ingested('csv4', file, '--csv-types', 'n=integer');
    expect(stored.map(({ id }) => id)).toEqual([1n, 7n]);
    const rejected = linesOf(readFileSync(`${file}.rejected.jsonl`, 'utf8'));
    expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [3, 'ROW_MALFORMED'],
      [4, 'ROW_MALFORMED'],
      [5, 'POINT_INVALID'],
      [6, 'POINT_INVALID'],
      [7, 'PAYLOAD_INVALID'],
    ]);
  });

  test('a column that the header lacks is told with those that it has', async () => {
    const file = ground.file('e.csv', 'id,embedding\n1,1 2\n');
    const { code, err } = await ground.cli(['ingest', file, '-c', 'csv5', '--create']);
    expect(code).toBe(2);
    expect(err).toContain(
      'there is no column "vector"; there are: id, embedding. Name the right one with --vector-field',
    );
  });
});

describe('Parquet', () => {
  const write = (name: string, content: object): string => {
    const file = ground.path(name);
    const script = resolve(__dirname, '../support/write-parquet.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, file], {
      input: JSON.stringify(content),
    });
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
    return file;
  };
  const listSchema = (floatType: string) => [
    { name: 'root', num_children: 4 },
    { name: 'key', type: 'INT64', repetition_type: 'REQUIRED' },
    { name: 'emb', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: floatType, repetition_type: 'OPTIONAL' },
    { name: 'title', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    { name: 'pages', type: 'INT64', repetition_type: 'OPTIONAL' },
  ];

  test.each(['FLOAT', 'DOUBLE'])(
    'lists of %s in several row groups, with integers of 64 bits',
    async (type) => {
      const count = 25;
      const index = Array.from({ length: count }, (_, row) => row);
      const file = write(`${type}.parquet`, {
        rowGroupSize: 10,
        schema: listSchema(type),
        columns: [
          { name: 'key', data: index.map((row) => String(9007199254740992n + BigInt(row))), isBigInt: true },
          { name: 'emb', data: index.map((row) => (row === 7 ? null : [row, 0.5])) },
          { name: 'title', data: index.map((row) => `title ${row}`) },
          { name: 'pages', data: index.map((row) => String(row)), isBigInt: true },
        ],
      });
      const flags = ['--id-field', 'key', '--vector-field', 'emb'];
      const stored = await ingested(`parquet-${type.toLowerCase()}`, file, ...flags);
      expect(stored).toEqual(
        index
          .filter((row) => row !== 7)
          .map((row) => ({
            id: 9007199254740992n + BigInt(row),
            vector: [row, 0.5],
            payload: { title: `title ${row}`, pages: row },
          })),
      );
      expect(linesOf(readFileSync(`${file}.rejected.jsonl`, 'utf8'))).toMatchObject([
        { row: 8, reason: 'VECTOR_MISSING' },
      ]);
    },
  );

  test('only the columns that are asked for are read', async () => {
    const columns = [
      { name: 'id', data: ['1', '2'], isBigInt: true },
      { name: 'v0', data: [1, 3], isFloat: true },
      { name: 'v1', data: [2, 4], isFloat: true },
      { name: 'title', data: ['a', 'b'] },
      { name: 'more', data: ['c', 'd'] },
    ];
    const flags = ['--vector-prefix', 'v', '--payload-columns', 'title'];
    expect(await ingested('parquet-columns', write('columns.parquet', { columns }), ...flags)).toEqual([
      { id: 1n, vector: [1, 2], payload: { title: 'a' } },
      { id: 2n, vector: [3, 4], payload: { title: 'b' } },
    ]);
  });
});

describe('.npy', () => {
  const matrix = [
    [1, 2.5],
    [-0.5, 65504],
    [0, 1],
  ];

  test.each(['<f2', '<f4', '<f8'] as const)('a matrix of %s; the number of a row is its id', async (type) => {
    const file = ground.file(`m${type.slice(1)}.npy`, npyBytes(type, matrix));
    const stored = await ingested(`npy-${type.slice(1)}`, file);
    expect(stored).toEqual(matrix.map((vector, row) => ({ id: BigInt(row), vector, payload: {} })));
  });

  test('ids and payload come from a file beside it, line by line', async () => {
    const file = ground.file('n.npy', npyBytes('<f4', matrix));
    const payload = ground.file('n.jsonl.gz', gzipSync('{"id":7,"row":"a"}\n{"id":8,"vector":"b"}\nno\n'));
    const stored = await ingested('npy-payload', file, '--payload', payload);
    expect(stored).toEqual([
      { id: 7n, vector: matrix[0], payload: { row: 'a' } },
      { id: 8n, vector: matrix[1], payload: { vector: 'b' } },
    ]);
    expect(linesOf(readFileSync(`${file}.rejected.jsonl`, 'utf8'))).toMatchObject([{ row: 3, raw: 'no' }]);
  });

  test.each([
    ['fewer', '{"a":1}\n{"a":2}\n', /the payload file has 2 rows, the matrix has 3/],
    [
      'more',
      '{"a":1}\n{"a":2}\n{"a":3}\n{"a":4}\n',
      /the payload file has more rows than the matrix, which has 3/,
    ],
  ])('a payload file with %s rows than the matrix is an error', async (what, text, message) => {
    const file = ground.file(`p-${what}.npy`, npyBytes('<f4', matrix));
    const payload = ground.file(`p-${what}.jsonl`, text);
    const { code, err } = await ground.cli([
      'ingest',
      file,
      '-c',
      `npy-${what}`,
      '--create',
      '--payload',
      payload,
    ]);
    expect(code).toBe(1);
    expect(err).toMatch(message);
  });

  test.each([
    ['short.npy', npyBytes('<f4', matrix).subarray(0, -4), 1, /has 2 of the 3 rows that its header tells of/],
    ['other.npy', Buffer.from('id,vector\n1,2 3\n'), 2, /it does not begin as a \.npy file does/],
    ['fortran.npy', npyBytes('<f4', matrix, "'fortran_order': True"), 2, /Fortran order/],
  ])('%s is refused with a text', async (name, bytes, exitCode, message) => {
    const { code, err } = await ground.cli(['ingest', ground.file(name, bytes), '-c', 'npy-bad', '--create']);
    expect(code).toBe(exitCode);
    expect(err).toMatch(message);
  });
});
