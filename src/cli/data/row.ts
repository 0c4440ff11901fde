/** Values of a row by the names of their columns, as the format has them. */
export type Columns = Readonly<Record<string, unknown>>;

/** One row of a source, good or bad, in its place. */
export interface SourceRow {
  /** Of the line where it begins, from 1; undefined in formats without lines. */
  readonly line?: number;
  /** The row's text where it is short enough to be repeated. */
  readonly raw?: string;
  /** Undefined when the row could not be read: `problem` says why. */
  readonly columns?: Columns;
  /** Where the format keeps the vector apart from the columns. */
  readonly vector?: Float32Array;
  readonly problem?: RowProblem;
}

/** Why one row cannot be stored. It never concerns the rows beside it. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem';
  /** A reason of the gateway's list, or ROW_MALFORMED or ROW_TOO_LONG, which only a file can have. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What a command reads its rows from. */
export interface RowReader {
  /** Known before the first row, where the format has a header. */
  readonly header?: readonly string[];
  /** Rows in their order, some at a time, without the first `skip`. Throws SourceError where the source breaks off. */
  rows(skip: number): AsyncGenerator<SourceRow[], void, undefined>;
  /** How far it has come, in bytes as they lie in the file. `totalBytes` is undefined for a pipe. */
  progress(): ReadProgress;
  /** Ends reading from outside, also a read that waits. */
  stop(): void;
}

export interface ReadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}

/** The source cannot be read on. What was read before is good. */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
}

/** The source cannot be read on, and what was read last may have been wrong already: not even its rows can be trusted. */
export class DamagedSourceError extends SourceError {
  override readonly name = 'DamagedSourceError';
}

// For people, who look at it, and small enough to be held for all rows that are on their way.
const maxRawCharacters = 4096;

/** The text as it is repeated in the file of rejected rows, if it is short. */
export function rawOf(text: string): string | undefined {
  return text.length <= maxRawCharacters ? text : undefined;
}
