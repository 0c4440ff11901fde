import { UsageError } from '../usage-error.js';
import type { Mapping } from './mapping.js';
import { type Columns, RowProblem, type SourceRow } from './row.js';
import { listOf, vectorColumns } from './vector-columns.js';

const rowsThatDecide = 100;

/** Notices a column that no row has, before every single row is refused for it. */
export class ColumnWatch {
  readonly #unseen: Map<string, string>;
  readonly #there = new Set<string>();
  #rows = 0;

  /** `isOver`: the first rows have been seen by an earlier run. */
  constructor(mapping: Mapping, isOver: boolean) {
    this.#unseen = new Map(isOver ? [] : namedColumns(mapping));
  }

  /** Throws UsageError, after 100 rows without a column that was named. */
  see({ columns }: SourceRow): void {
    if (this.#unseen.size === 0 || columns === undefined || this.#rows >= rowsThatDecide) return;
    this.#rows += 1;
    for (const name of Object.keys(columns)) {
      this.#unseen.delete(name);
      if (this.#there.size < rowsThatDecide) this.#there.add(name);
    }
    if (this.#rows === rowsThatDecide) this.end();
  }

  /** Fewer rows decide when there are no more. Throws UsageError. */
  end(): void {
    const [unseen] = this.#unseen;
    if (unseen === undefined || this.#rows === 0) return;
    const which = this.#rows === 1 ? 'the row has no' : `none of the first ${this.#rows} rows has a`;
    throw missing(which, unseen, [...this.#there]);
  }
}

/** The same for a format with a header, before the first row. Throws UsageError. */
export function checkHeader(mapping: Mapping, header: readonly string[]): void {
  const columns: Columns = Object.fromEntries(header.map((name) => [name, true]));
  for (const named of [...namedColumns(mapping), ...listedColumns(mapping)]) {
    if (!Object.hasOwn(columns, named[0])) throw missing('there is no', named, header);
  }
  try {
    if (mapping.vectorPrefix !== undefined) vectorColumns(mapping.vectorPrefix, header);
  } catch (error) {
    throw error instanceof RowProblem ? new UsageError(`--vector-prefix: ${error.message}`) : error;
  }
}

type Named = readonly [column: string, flag: string];

function namedColumns(mapping: Mapping): Named[] {
  const { idField, hasRowIds, vectorField, payloadField } = mapping;
  const named: Named[] = [];
  if (vectorField !== undefined) named.push([vectorField, '--vector-field']);
  if (!hasRowIds) named.push([idField, '--id-field']);
  if (payloadField !== undefined) named.push([payloadField, '--payload-field']);
  return named;
}

function listedColumns({ payloadColumns = [] }: Mapping): Named[] {
  return payloadColumns.map((name) => [name, '--payload-columns']);
}

function missing(which: string, [column, flag]: Named, there: readonly string[]): UsageError {
  const rowIds = flag === '--id-field' ? ' (or --row-ids, to number the rows)' : '';
  return new UsageError(
    `${which} column ${JSON.stringify(column)}; there are: ${listOf(there)}. Name the right one with ${flag}${rowIds}`,
  );
}
