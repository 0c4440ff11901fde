import { UsageError } from '../usage-error.js';
import { type Checkpoint, removeCheckpoint, writeCheckpoint } from './checkpoint.js';
import { Ledger } from './ledger.js';
import { RejectedFile } from './rejected-file.js';

// What a kill makes the next run send again. Writing it takes a millisecond or two.
const saveEveryMs = 250;

interface RecordOptions {
  /** Undefined: a run that leaves none. */
  readonly checkpointFile: string | undefined;
  readonly isStrict: boolean;
}

/** What a run leaves on disk: the rejected rows, and how far it has come. */
export class RunRecord {
  readonly ledger: Ledger;
  readonly #start: Checkpoint;
  readonly #rejected: RejectedFile;
  readonly #checkpointFile: string | undefined;
  #savedAtMs = 0;
  // Rejected rows that the accounts pass over lie before it.
  #keptBytes: number;

  /** Throws UsageError when the files cannot be written. */
  constructor(start: Checkpoint, { checkpointFile, isStrict }: RecordOptions) {
    this.#start = start;
    this.#checkpointFile = checkpointFile;
    this.#keptBytes = start.rejectedBytes;
    try {
      this.#rejected = new RejectedFile(start.rejectedFile, start.rejectedBytes);
      const counts = {
        rows: start.rows,
        stored: start.stored,
        rejected: start.rejected,
        reasons: { ...start.reasons },
      };
      this.ledger = new Ledger(counts, {
        stopsAtRefusal: isStrict,
        onRefused: (row) => this.#rejected.add(row),
        onCounted: () => this.#saveIfDue(),
      });
      this.save();
    } catch (error) {
      throw error instanceof Error && 'code' in error
        ? new UsageError(`${error.message}; --checkpoint and --rejected name files elsewhere`)
        : error;
    }
  }

  get rejectedFile(): string {
    return this.#rejected.path;
  }

  /** Rejected rows first: what a checkpoint counts is on disk. */
  save(isSourceBroken = false): void {
    this.#savedAtMs = Date.now();
    const rejectedBytes = this.#rejected.sync();
    // The row at which a strict run stops is read again by the next one.
    if (this.ledger.stoppedAt === undefined) this.#keptBytes = rejectedBytes;
    if (this.#checkpointFile === undefined) return;
    const { counts } = this.ledger;
    writeCheckpoint(this.#checkpointFile, {
      ...this.#start,
      ...counts,
      isSourceBroken,
      rejectedBytes: this.#keptBytes,
    });
  }

  /** Nothing is left to be done. */
  finish(): void {
    this.#rejected.sync();
    if (this.#checkpointFile !== undefined) removeCheckpoint(this.#checkpointFile);
  }

  /** It was no run at all. */
  discard(): void {
    this.#rejected.remove();
    if (this.#checkpointFile !== undefined) removeCheckpoint(this.#checkpointFile);
  }

  close(): void {
    this.#rejected.close();
  }

  #saveIfDue(): void {
    if (Date.now() - this.#savedAtMs >= saveEveryMs) this.save();
  }
}
