import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { CsvRecordEnds } from './csv-records.js';
import { tooLongRow } from './pieces.js';
import { RowProblem, rawOf, type SourceRow } from './row.js';
import { type Piece, Splitter, withoutLineEnd } from './splitter.js';

export interface CsvOptions {
  readonly maxLineBytes: number;
  /** One character. */
  readonly delimiter: string;
}

/** Makes rows of the records of a CSV file. */
export class CsvRows {
  readonly #header: readonly string[];
  readonly #options: CsvOptions;

  constructor(header: readonly string[], options: CsvOptions) {
    this.#header = header;
    this.#options = options;
  }

  /** A row for each piece; more where a quote that never closed has made one of many. */
  rowsOf(pieces: readonly Piece[]): SourceRow[] {
    const together = this.#parseTogether(pieces);
    return pieces.flatMap((piece, index) => {
      const row = this.#rowOf(piece, together?.[index]);
      return row.problem === undefined ? row : this.#takenApart(piece, row);
    });
  }

  /** Of a bad record that spans lines the first alone is given up: the others may be records of their own. */
  #takenApart({ line, bytes }: Piece, bad: SourceRow): SourceRow[] {
    const end = bytes.indexOf(10) + 1;
    if (end === 0) return [bad];
    const splitter = new Splitter(
      this.#options.maxLineBytes,
      new CsvRecordEnds(this.#options.delimiter),
      line + 1,
    );
    const others = [...splitter.push(bytes.subarray(end)), ...splitter.end()];
    const first = this.#rowOf({ line, bytes: withoutLineEnd(bytes.subarray(0, end)) }, undefined);
    return [first, ...this.rowsOf(others)];
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
    try {
      if (parsed === undefined && !isUtf8(bytes)) throw malformed('is not UTF-8');
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

/**
 * Records of a text. Throws what the parser throws. In one line a quote inside a field is a character like any other
 * (5" disk); over several it may be the end of a field that was opened by mistake.
 */
export function recordsOf(text: string, delimiter: string): string[][] {
  const hasOneLine = !text.includes('\n');
  return parse(text, { delimiter, columns: false, relax_column_count: true, relax_quotes: hasOneLine });
}

const malformed = (what: string): RowProblem => new RowProblem('ROW_MALFORMED', `the row ${what}`);
