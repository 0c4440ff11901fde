import type { Client } from '../../client/index.js';
import type { CliIo, ExitCode } from '../cli-io.js';
import { Interrupts } from '../interrupts.js';
import type { Checkpoint } from './checkpoint.js';
import { deliver, deliverNothing } from './deliver.js';
import type { OpenedSource } from './open-reader.js';
import type { IngestOptions } from './options.js';
import { PointSource } from './point-source.js';
import { Progress } from './progress.js';
import { RunRecord } from './run-record.js';

// What is in flight when a signal comes has so long.
const stopMs = 10_000;

/** One run over a source: reads, stores, keeps account, and can be stopped by a signal. */
export class IngestRun {
  readonly record: RunRecord;
  readonly source: PointSource;
  readonly #options: IngestOptions;
  readonly #progress: Progress;
  readonly #interrupts: Interrupts;
  readonly #abort = new AbortController();
  readonly #startedMs = performance.now();
  #overdue: NodeJS.Timeout | undefined;
  #reconnects = 0;
  #settledAtBreak = -1;
  #failure: { readonly error: unknown } | undefined;

  /** Throws UsageError. */
  constructor(io: CliIo, options: IngestOptions, { reader, mapping }: OpenedSource, start: Checkpoint) {
    this.#options = options;
    const { isDryRun, isStrict, checkpointFile } = options;
    this.record = new RunRecord(start, { isStrict, checkpointFile: isDryRun ? undefined : checkpointFile });
    const { ledger } = this.record;
    this.#progress = new Progress(io, ledger.counts, () => reader.progress());
    const note = (text: string): void => this.#progress.note(`note: ${text}`);
    this.source = new PointSource(reader, ledger, { mapping, isStrict, note });
    this.#interrupts = new Interrupts(() => this.#stop());
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  get seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }

  /** With what storing ended. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** The exit code of the signal that came before the end of the source. */
  get interruption(): ExitCode | undefined {
    const isDone = this.source.hasEnded && this.record.ledger.openRows === 0;
    return isDone ? undefined : this.#interrupts.code;
  }

  /** Resolves when all is stored that can be. Without a client nothing is sent. */
  async run(client: Client | undefined): Promise<void> {
    const hooks = {
      signal: this.#abort.signal,
      onReconnect: (settled: number) => this.#onReconnect(settled),
    };
    try {
      if (client === undefined) await deliverNothing(this.source, this.record);
      else await deliver(client, this.#options, this.source, this.record, hooks);
    } catch (error) {
      this.#failure = { error };
    } finally {
      clearTimeout(this.#overdue);
      this.source.stop();
      this.#interrupts.close();
      this.#progress.close();
    }
  }

  #onReconnect(settled: number): void {
    this.#reconnects += 1;
    // Once for each time that the gateway is away, not for each attempt.
    if (settled === this.#settledAtBreak) return;
    this.#settledAtBreak = settled;
    this.#progress.note('the connection to the gateway was lost; trying again');
  }

  #stop(): void {
    this.source.stop();
    const { openRows } = this.record.ledger;
    this.#progress.note(`stopping, as soon as ${openRows} rows on their way are settled; again: at once`);
    this.#overdue = setTimeout(() => this.#abort.abort(), stopMs);
  }
}
