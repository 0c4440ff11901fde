import type { CallContext } from '../../backend/index.js';
import { GatewayError } from '../../errors/index.js';
import type { StreamTarget } from '../stream-target.js';
import type { Batch, BatchEntry } from './batch.js';
import { IdGuard } from './id-guard.js';
import type { Ledger, Span } from './ledger.js';
import type { WriteTuner } from './write-tuner.js';

export interface BatchLaneOptions {
  readonly tuner: WriteTuner;
  readonly sendDeadlineAtMs: number;
  readonly ledger: Ledger;
  /** Counts the attempts of the whole stream. */
  readonly context: CallContext;
  /** Sends the points of a batch; throws when it failed. What it refused and reported does not count as failed. */
  readonly send: SendBatch;
  /** Told of the first batch that failed. */
  readonly onFailure: (error: unknown) => void;
  readonly guard?: IdGuard;
}

export type SendBatch = (
  target: StreamTarget,
  entries: readonly BatchEntry[],
  ordering: Uint8Array | undefined,
  context: CallContext,
) => Promise<void>;

/** Sends the batches of one stream, several at a time and in order, as far as their ids allow. */
export class BatchLane {
  readonly #options: BatchLaneOptions;
  readonly #guard: IdGuard;
  // Not the stream's own signal: a stream that stops lets its writes finish, else nobody knows what they did.
  readonly #cut = new AbortController();
  #running = 0;
  #isStopped = false;
  #wake: () => void = () => undefined;

  constructor(options: BatchLaneOptions) {
    this.#options = options;
    this.#guard = options.guard ?? new IdGuard();
  }

  /** Resolves when the batch is on its way, or dropped because the lane was stopped meanwhile. One call at a time. */
  async put(batch: Batch, target: StreamTarget, ordering: Uint8Array | undefined): Promise<void> {
    const span = this.#options.ledger.open(batch.first, batch.last);
    if (batch.isEmpty) {
      this.#options.ledger.settle(span, 'durable');
      return;
    }
    while (!this.#isStopped) {
      const isFull = this.#running >= this.#options.tuner.inFlight;
      if (!isFull && !this.#guard.blocks(batch.keys)) {
        this.#start(batch, span, target, ordering);
        return;
      }
      await this.#change();
    }
    this.#options.ledger.settle(span, 'lost');
    batch.release();
  }

  /** Starts no further batch. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  /** Aborts what is in flight. */
  cut(reason: unknown): void {
    this.#cut.abort(reason);
  }

  /** Resolves when nothing is in flight. */
  async settled(): Promise<void> {
    while (this.#running > 0) await this.#change();
  }

  #start(batch: Batch, span: Span, target: StreamTarget, ordering: Uint8Array | undefined): void {
    const keys = [...batch.keys];
    const context: CallContext = {
      signal: this.#cut.signal,
      deadlineAtMs: this.#options.sendDeadlineAtMs,
      attempts: 0,
      // Its ids are blocked until it is answered, so nothing newer can be undone by a second try.
      repeatTornWrites: true,
    };
    this.#running += 1;
    const { tuner } = this.#options;
    const endWrite = tuner.begin(batch.received, this.#running >= tuner.inFlight);
    this.#guard.enter(keys);
    this.#options.ledger.batches += 1;
    void this.#options
      .send(target, batch.entries(), ordering, context)
      .then(
        () => {
          endWrite(context.attempts > 1);
          this.#options.ledger.upserted += batch.received;
          this.#options.ledger.settle(span, 'durable');
        },
        (error: unknown) => {
          endWrite(true);
          const isKnown = error instanceof GatewayError && !error.indeterminate;
          this.#options.ledger.settle(span, isKnown ? 'lost' : 'indeterminate');
          this.#options.onFailure(error);
        },
      )
      .finally(() => {
        this.#running -= 1;
        this.#guard.leave(keys);
        this.#options.ledger.retries += Math.max(0, context.attempts - 1);
        this.#options.context.attempts += context.attempts;
        batch.release();
        this.#wake();
      });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
