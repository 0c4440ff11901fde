import fc from 'fast-check';
import { CsvRecordEnds } from '../../../src/cli/data/csv-records.js';
import { CsvRows } from '../../../src/cli/data/csv-rows.js';
import { floatsOf, type NpyShape } from '../../../src/cli/data/npy-header.js';
import { type EndFinder, lineEnds, type Piece, Splitter } from '../../../src/cli/data/splitter.js';
import { halfBits } from '../../support/npy-bytes.js';
import { seedOf } from '../../support/seed.js';

const seed = seedOf('records of files');
const check = <Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values>): void =>
  fc.assert(property, { seed, numRuns: 500 });

/** Pieces of a text that arrives in chunks of these sizes. */
function piecesOf(text: string, sizes: readonly number[], maxBytes: number, ends: EndFinder): Piece[] {
  const splitter = new Splitter(maxBytes, ends);
  const bytes = Buffer.from(text);
  const pieces: Piece[] = [];
  for (let [at, turn] = [0, 0]; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...pieces, ...splitter.end()];
}

const chunkSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

test('lines are those of the text, whatever the chunks; longer ones are told by number and length', () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\r', '\n'), maxLength: 30 }));
  check(
    fc.property(text, chunkSizes, (parts, sizes) => {
      const lines = parts.join('\n').split('\n');
      const expected = lines.flatMap((line, index) => {
        const isLast = index === lines.length - 1;
        const bytes = Buffer.byteLength(line.replace(/\r$/, ''));
        if (bytes > 12) return [[index + 1, Buffer.byteLength(line) + (isLast ? 0 : 1)]];
        return /^[ \t]*\r?$/.test(line) ? [] : [[index + 1, line.replace(/\r$/, '')]];
      });
      const pieces = piecesOf(parts.join('\n'), sizes, 12, lineEnds);
      expect(pieces.map(({ line, bytes, tooLongBytes }) => [line, tooLongBytes ?? bytes.toString()])).toEqual(
        expected,
      );
    }),
  );
});

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

test('CSV records are found whole, with quotes, delimiters and line ends in their cells', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' '), maxLength: 8 });
  const records = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 });
  check(
    fc.property(records, chunkSizes, fc.constantFrom('\n', '\r\n'), (cells, sizes, lineEnd) => {
      const texts = cells.map((record) => record.map(quoted).join(','));
      const pieces = piecesOf(texts.join(lineEnd), sizes, 10_000, new CsvRecordEnds(','));
      expect(pieces.map(({ bytes }) => bytes.toString())).toEqual(texts);
    }),
  );
});

test('a quote that never closes costs its own line, not those after it', () => {
  const text = '1,"open\n2,3\n4,"x"\n5,"\n6"\n7,8\n9,"end\n10,11\n';
  const rows = new CsvRows(['a', 'b'], { maxLineBytes: 100, delimiter: ',' });
  for (let size = 1; size <= text.length; size += 1) {
    const found = rows.rowsOf(piecesOf(text, [size], 100, new CsvRecordEnds(',')));
    expect(found.map(({ line, columns }) => [line, columns?.b])).toEqual([
      [1, undefined],
      [2, '3'],
      [3, 'x'],
      [4, '\n6'],
      [6, '8'],
      [7, undefined],
      [8, '11'],
    ]);
  }
});

test('every half of a float is read as its value', () => {
  const shape: NpyShape = { rows: 1, dimension: 1, type: 'f2', bytesPerNumber: 2 };
  const read = (bits: number): number | undefined => {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(bits);
    return floatsOf(bytes, shape)[0];
  };
  for (let bits = 0; bits < 0x10000; bits += 1) {
    const exponent = (bits >> 10) & 0x1f;
    if (exponent === 0 || exponent === 0x1f) continue;
    expect(halfBits(read(bits) ?? Number.NaN)).toBe(bits);
  }
  expect([0, 0x8000, 1, 0x83ff, 0x7c00, 0xfc00, 0x7e00].map(read)).toEqual([
    0,
    -0,
    2 ** -24,
    -1023 * 2 ** -24,
    Infinity,
    -Infinity,
    Number.NaN,
  ]);
});
