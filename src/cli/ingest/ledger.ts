import type { PointIdInput } from '../../client/index.js';

/** A row that was read and whose outcome is not accounted for yet. */
export interface OpenRow {
  /** From 1, in the order of the source. */
  readonly row: number;
  readonly line: number | undefined;
  readonly raw: string | undefined;
  id?: PointIdInput;
  refusal?: Refusal;
}

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

export type RefusedRow = OpenRow & { readonly refusal: Refusal };

/** Rows from the first one on that are stored or refused. */
export interface Counts {
  rows: number;
  stored: number;
  rejected: number;
  /** Refused rows by reason. */
  readonly reasons: Record<string, number>;
}

interface LedgerHooks {
  /** A row was refused; told in the order of the source. */
  onRefused(row: RefusedRow): void;
  /** The counts are those of a beginning of the source again. */
  onCounted(): void;
  /** The accounts end before the first row that is refused. */
  readonly stopsAtRefusal: boolean;
}

/**
 * Accounts for rows in the order of the source, whoever refused them: what is counted is always a beginning of it. Points
 * are numbered as the client numbers them, rows that were refused before it are not.
 */
export class Ledger {
  readonly counts: Counts;
  readonly #hooks: LedgerHooks;
  #rows: OpenRow[] = [];
  #firstRow = 0;
  #points: OpenRow[] = [];
  #firstPoint = 0;
  #settledPoints = 0;
  #stoppedAt: RefusedRow | undefined;
  #waiting: (() => void) | undefined;

  constructor(counts: Counts, hooks: LedgerHooks) {
    this.counts = counts;
    this.#hooks = hooks;
  }

  /** Rows without an outcome, and refused ones behind them. */
  get openRows(): number {
    return this.#rows.length - this.#firstRow;
  }

  /** The refused row at which the accounts end. */
  get stoppedAt(): RefusedRow | undefined {
    return this.#stoppedAt;
  }

  /** The row went to the client as its next point. */
  addPoint(row: OpenRow): void {
    this.#rows.push(row);
    this.#points.push(row);
  }

  addRefused(row: OpenRow, refusal: Refusal): void {
    row.refusal = refusal;
    this.#rows.push(row);
    this.#account();
  }

  /** The client's point `index` was refused. */
  refuse(index: number, refusal: Refusal): void {
    const row = this.#points[this.#firstPoint + index - this.#settledPoints];
    if (row !== undefined) row.refusal = refusal;
  }

  /** The client's first `points` are settled; those of them that were refused have been told before. */
  settle(points: number): void {
    this.#firstPoint += points - this.#settledPoints;
    this.#settledPoints = points;
    this.#account();
  }

  /** Resolves when fewer than `most` rows are open. */
  async untilBelow(most: number): Promise<void> {
    while (this.openRows >= most) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** Counts rows from the first open one to the first point that is not settled. */
  #account(): void {
    const firstUnsettled = this.#points[this.#firstPoint];
    for (;;) {
      const row = this.#rows[this.#firstRow];
      if (row === undefined || row === firstUnsettled) break;
      this.#firstRow += 1;
      this.#count(row);
    }
    if (this.#firstRow > 4096) {
      this.#rows = this.#rows.slice(this.#firstRow);
      this.#firstRow = 0;
    }
    if (this.#firstPoint > 4096) {
      this.#points = this.#points.slice(this.#firstPoint);
      this.#firstPoint = 0;
    }
    this.#hooks.onCounted();
    this.#waiting?.();
  }

  #count(row: OpenRow): void {
    if (this.#stoppedAt !== undefined) return;
    const { refusal } = row;
    if (refusal !== undefined) this.#hooks.onRefused({ ...row, refusal });
    if (refusal !== undefined && this.#hooks.stopsAtRefusal) {
      this.#stoppedAt = { ...row, refusal };
      return;
    }
    this.counts.rows += 1;
    if (refusal === undefined) {
      this.counts.stored += 1;
      return;
    }
    this.counts.rejected += 1;
    this.counts.reasons[refusal.reason] = (this.counts.reasons[refusal.reason] ?? 0) + 1;
  }
}
