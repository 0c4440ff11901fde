import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../usage-error.js';
import type { ByteSource } from './byte-source.js';
import { CsvRecordEnds } from './csv-records.js';
import { piecesOf, tooLongRow } from './pieces.js';
import { RowProblem, type RowReader, rawOf, type SourceRow } from './row.js';
import type { Piece } from './splitter.js';

export interface CsvOptions {
  readonly maxLineBytes: number;
  /** One character. */
  readonly delimiter: string;
}

/** Records by RFC 4180, the first of which names the columns. Values are strings. Throws UsageError for a bad header. */
export async function csvReader(source: ByteSource, options: CsvOptions): Promise<RowReader> {
  const ends = new CsvRecordEnds(options.delimiter);
  const pieces = piecesOf(source, options.maxLineBytes, ends);
  const first = await pieces.next();
  if (first.done === true)
    throw new UsageError(`${source.name}: is empty; a CSV file begins with its header`);
  const header = headerOf(first.value[0], source.name, options);
  return {
    header,
    async *rows(skip) {
      let left = skip;
      const parser = new RecordParser(header, options);
      for await (const some of prepend(first.value.slice(1), pieces)) {
        const wanted = some.slice(left);
        left -= some.length - wanted.length;
        if (wanted.length > 0) yield parser.rowsOf(wanted);
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

class RecordParser {
  readonly #header: readonly string[];
  readonly #options: CsvOptions;

  constructor(header: readonly string[], options: CsvOptions) {
    this.#header = header;
    this.#options = options;
  }

  rowsOf(pieces: readonly Piece[]): SourceRow[] {
    const together = this.#parseTogether(pieces);
    return pieces.map((piece, index) => this.#rowOf(piece, together?.[index]));
  }

  /** One call of the parser for many records; undefined when any of them needs a look of its own. */
  #parseTogether(pieces: readonly Piece[]): string[][] | undefined {
    if (pieces.some(({ tooLongBytes, bytes }) => tooLongBytes !== undefined || !isUtf8(bytes)))
      return undefined;
    try {
      const text = pieces.map(({ bytes }) => bytes.toString()).join('\n');
      const records = recordsOf(text, this.#options.delimiter);
      return records.length === pieces.length ? records : undefined;
    } catch {
      return undefined;
    }
  }

  #rowOf(piece: Piece, parsed: string[] | undefined): SourceRow {
    const { line, bytes, tooLongBytes } = piece;
    if (tooLongBytes !== undefined) return tooLongRow(piece, this.#options.maxLineBytes);
    const text = bytes.toString();
    const raw = rawOf(text);
    if (parsed === undefined && !isUtf8(bytes)) return { line, raw, problem: malformed('is not UTF-8') };
    try {
      const record = parsed ?? recordsOf(text, this.#options.delimiter)[0] ?? [];
      return { line, raw, columns: this.#named(record) };
    } catch (error) {
      if (error instanceof RowProblem) return { line, raw, problem: error };
      const message = error instanceof Error ? error.message.slice(0, 200) : '';
      return { line, raw, problem: malformed(`is no record of a CSV file: ${message}`) };
    }
  }

  #named(record: readonly string[]): Record<string, string> {
    const header = this.#header;
    if (record.length !== header.length) {
      throw malformed(`has ${record.length} columns, the header has ${header.length}`);
    }
    // Without a prototype: a column may be named like a member of one.
    const columns: Record<string, string> = Object.create(null);
    for (const [index, name] of header.entries()) columns[name] = record[index] ?? '';
    return columns;
  }
}

function recordsOf(text: string, delimiter: string): string[][] {
  // A quote inside a field that does not begin with one is a character like any other: 5" disk.
  return parse(text, { delimiter, columns: false, relax_column_count: true, relax_quotes: true });
}

async function* prepend(
  first: Piece[],
  rest: AsyncIterable<Piece[]>,
): AsyncGenerator<Piece[], void, undefined> {
  yield first;
  yield* rest;
}

const malformed = (what: string): RowProblem => new RowProblem('ROW_MALFORMED', `the row ${what}`);
