import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteSource } from './byte-source.js';
import { RowProblem, type SourceRow } from './row.js';
import { type EndFinder, type Piece, Splitter } from './splitter.js';

// Ctrl-C reaches both ends of a pipe, and the end of the pipe may arrive first.
const interruptMs = 200;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Pieces of a source, those of each chunk together. */
export async function* piecesOf(
  source: ByteSource,
  maxBytes: number,
  ends?: EndFinder,
): AsyncGenerator<Piece[], void, undefined> {
  const splitter = new Splitter(maxBytes, ends);
  let isFirst = true;
  for await (const chunk of source.bytes()) {
    const hasMark = isFirst && chunk.subarray(0, 3).equals(byteOrderMark);
    isFirst = false;
    const pieces = splitter.push(hasMark ? chunk.subarray(3) : chunk);
    if (pieces.length > 0) yield pieces;
  }
  const last = source.isStopped ? [] : splitter.end();
  // The half of a line that an interrupted pipe leaves is no row of its own.
  if (last.length > 0 && source.name === 'stdin') await sleep(interruptMs);
  if (last.length > 0 && !source.isStopped) yield last;
}

export function tooLongRow({ line, tooLongBytes = 0 }: Piece, maxBytes: number): SourceRow {
  const message = `the row has ${tooLongBytes} bytes, --max-line-bytes allows ${maxBytes}`;
  return { line, problem: new RowProblem('ROW_TOO_LONG', message) };
}
