import { UsageError } from '../usage-error.js';
import type { ByteSource } from './byte-source.js';
import { CsvRecordEnds } from './csv-records.js';
import { type CsvOptions, CsvRows, recordsOf } from './csv-rows.js';
import { piecesOf } from './pieces.js';
import type { RowReader } from './row.js';
import type { Piece } from './splitter.js';

/** Records by RFC 4180, the first of which names the columns. Values are strings. Throws UsageError for a bad header. */
export async function csvReader(source: ByteSource, options: CsvOptions): Promise<RowReader> {
  const pieces = piecesOf(source, options.maxLineBytes, new CsvRecordEnds(options.delimiter));
  const first = await pieces.next();
  if (first.done === true)
    throw new UsageError(`${source.name}: is empty; a CSV file begins with its header`);
  const header = headerOf(first.value[0], source.name, options);
  return {
    header,
    async *rows(skip) {
      let left = skip;
      const parser = new CsvRows(header, options);
      for await (const some of prepend(first.value.slice(1), pieces)) {
        const rows = parser.rowsOf(some);
        const wanted = rows.slice(left);
        left -= rows.length - wanted.length;
        if (wanted.length > 0) yield wanted;
      }
    },
    progress: () => source.progress(),
    stop: () => source.stop(),
  };
}

function headerOf(piece: Piece | undefined, name: string, { delimiter }: CsvOptions): string[] {
  let header: string[] | undefined;
  try {
    if (piece !== undefined) header = recordsOf(piece.bytes.toString(), delimiter)[0];
  } catch {
    // Told below, as an empty one is.
  }
  if (header === undefined)
    throw new UsageError(`${name}: its first line is no header of a CSV file; see --format`);
  const columns = header.map((column) => column.trim());
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined)
    throw new UsageError(`${name}: its header has the column ${JSON.stringify(twice)} twice`);
  return columns;
}

async function* prepend(
  first: Piece[],
  rest: AsyncIterable<Piece[]>,
): AsyncGenerator<Piece[], void, undefined> {
  yield first;
  yield* rest;
}
