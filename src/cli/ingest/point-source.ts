import type { PointInput } from '../../client/index.js';
import { ColumnWatch } from '../data/column-watch.js';
import type { Mapping } from '../data/mapping.js';
import { PointMapper } from '../data/point-mapper.js';
import { RowProblem, type RowReader, SourceError, type SourceRow } from '../data/row.js';
import { UsageError } from '../usage-error.js';
import type { Ledger, OpenRow } from './ledger.js';

// More than the client holds unsettled: what comes on top are rejected rows between them.
const maxOpenRows = 20_000;

interface PointSourceOptions {
  readonly mapping: Mapping;
  readonly isStrict: boolean;
  readonly note: (text: string) => void;
}

/** The points of a source, in its order. Rows that are none go to the ledger. */
export class PointSource {
  readonly #reader: RowReader;
  readonly #ledger: Ledger;
  readonly #mapper: PointMapper;
  readonly #watch: ColumnWatch;
  readonly #isStrict: boolean;
  #isStopped = false;
  #hasEnded = false;
  #problem: SourceError | UsageError | undefined;
  #row: number;

  /** Goes on after the rows that the ledger has counted. */
  constructor(reader: RowReader, ledger: Ledger, { mapping, isStrict, note }: PointSourceOptions) {
    this.#reader = reader;
    this.#ledger = ledger;
    this.#row = ledger.counts.rows;
    this.#mapper = new PointMapper(mapping, note);
    this.#watch = new ColumnWatch(mapping, this.#row > 0);
    this.#isStrict = isStrict;
  }

  /** Why the points ended before the source should have. */
  get problem(): SourceError | UsageError | undefined {
    return this.#problem;
  }

  /** Every row was read. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** No more points. */
  stop(): void {
    this.#isStopped = true;
    this.#reader.stop();
  }

  /** Ends, rather than throws, where the source breaks off: what came before is still to be stored. */
  async *points(): AsyncGenerator<PointInput, void, undefined> {
    try {
      for await (const rows of this.#reader.rows(this.#row)) {
        for (const row of rows) {
          if (this.#ledger.openRows >= maxOpenRows) await this.#ledger.untilBelow(maxOpenRows);
          if (this.#isStopped) return;
          this.#watch.see(row);
          const point = this.#take(row);
          if (point !== undefined) yield point;
        }
      }
      if (this.#isStopped) return;
      this.#watch.end();
      this.#hasEnded = true;
    } catch (error) {
      if (this.#isStopped) return;
      if (!(error instanceof SourceError) && !(error instanceof UsageError)) throw error;
      const where = error instanceof SourceError ? `, after row ${this.#row}` : '';
      error.message += where;
      this.#problem = error;
    }
  }

  #take(row: SourceRow): PointInput | undefined {
    this.#row += 1;
    const open: OpenRow = { row: this.#row, line: row.line, raw: row.raw };
    try {
      const point = this.#mapper.point(row, this.#row - 1);
      open.id = point.id;
      this.#ledger.addPoint(open);
      return point;
    } catch (error) {
      if (!(error instanceof RowProblem)) throw error;
      this.#ledger.addRefused(open, error);
      if (this.#isStrict) this.stop();
      return undefined;
    }
  }
}
