import { isUtf8 } from 'node:buffer';
import type { ByteSource } from './byte-source.js';
import { parseJson } from './json-numbers.js';
import { piecesOf, tooLongRow } from './pieces.js';
import { type Columns, RowProblem, type RowReader, rawOf, type SourceRow } from './row.js';
import type { Piece } from './splitter.js';

/** One JSON object a line. */
export function jsonlReader(source: ByteSource, maxLineBytes: number): RowReader {
  return {
    async *rows(skip) {
      let left = skip;
      for await (const pieces of piecesOf(source, maxLineBytes)) {
        const wanted = pieces.slice(left);
        left -= pieces.length - wanted.length;
        if (wanted.length > 0) yield wanted.map((piece) => rowOf(piece, maxLineBytes));
      }
    },
    progress: () => source.progress(),
    stop: () => source.stop(),
  };
}

function rowOf(piece: Piece, maxLineBytes: number): SourceRow {
  if (piece.tooLongBytes !== undefined) return tooLongRow(piece, maxLineBytes);
  const { line, bytes } = piece;
  const text = bytes.toString();
  const raw = rawOf(text);
  try {
    if (!isUtf8(bytes)) throw malformed('is not UTF-8');
    return { line, raw, columns: columnsOf(text) };
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error;
    return { line, raw, problem: error };
  }
}

function columnsOf(text: string): Columns {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    // The text of a SyntaxError may repeat the row.
    throw malformed(`is not JSON: ${error instanceof Error ? error.message.slice(0, 120) : ''}`);
  }
  if (isColumns(value)) return value;
  const kind = Array.isArray(value)
    ? `a list (jq -c '.[]' makes a line of each member)`
    : value === null
      ? 'null'
      : `a ${typeof value}`;
  throw malformed(`is not a JSON object but ${kind}`);
}

function isColumns(value: unknown): value is Columns {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const malformed = (what: string): RowProblem => new RowProblem('ROW_MALFORMED', `the row ${what}`);
