import { status } from '@grpc/grpc-js';
import { ABORT } from 'lmdb';
import { StoreStatus } from '../store-status.js';
import type { Disk } from './disk.js';

/** What an operation wants done. It is collected first and applied after the operation returned. */
export class WriteBatch {
  readonly writes: (() => void)[] = [];
  readonly afterCommit: (() => void)[] = [];

  /** A put or remove on the disk. */
  write(action: () => void): void {
    this.writes.push(action);
  }

  /** Brings memory in line, once the disk has it. */
  after(action: () => void): void {
    this.afterCommit.push(action);
  }
}

/** Reads (it sees every earlier write), decides, and fills the batch. A throw refuses this operation alone. */
export type Operation<T> = (batch: WriteBatch) => T;

interface Queued {
  readonly bytes: number;
  /** Changes the catalog: later operations of the same transaction would still see the old one. */
  readonly alone: boolean;
  run(): WriteBatch | undefined;
  settle(failure: Error | undefined): void;
}

const MAX_GROUP_OPERATIONS = 64;
const MAX_GROUP_BYTES = 16 * 1024 * 1024;

/**
 * The only way to the disk: one operation after another, grouped into transactions while the disk is busy.
 * A promise resolves after fdatasync; kill -9 leaves each operation done whole or not at all.
 */
export class Writer {
  readonly #queue: Queued[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly maxQueuedBytes: number,
    private readonly onFailure: (cause: unknown) => void,
  ) {}

  /** `bytes`: about what the operation holds in memory. Rejects with RESOURCE_EXHAUSTED when too much waits. */
  submit<T>(operation: Operation<T>, bytes: number, alone = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // One that holds nothing always gets in, and so does any when nothing waits.
      if (bytes > 0 && this.#queuedBytes > 0 && this.#queuedBytes + bytes > this.maxQueuedBytes) {
        reject(
          new StoreStatus(status.RESOURCE_EXHAUSTED, 'too many writes wait for the disk; try again later'),
        );
        return;
      }
      let settle: (failure: Error | undefined) => void = () => {};
      const run = () => {
        const batch = new WriteBatch();
        try {
          const result = operation(batch);
          settle = (failure) => (failure ? reject(failure) : resolve(result));
          return batch;
        } catch (error) {
          settle = () => reject(error);
          return undefined;
        }
      };
      this.#queue.push({ bytes, alone, run, settle: (failure) => settle(failure) });
      this.#queuedBytes += bytes;
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when everything submitted so far is settled. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    // Lets the calls that arrived in the same turn join the first transaction.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#commit(this.#nextGroup());
    this.#running = undefined;
  }

  #nextGroup(): Queued[] {
    const group: Queued[] = [];
    let bytes = 0;
    for (const next of this.#queue) {
      const full = group.length >= MAX_GROUP_OPERATIONS || bytes + next.bytes > MAX_GROUP_BYTES;
      if (group.length > 0 && (full || next.alone)) break;
      group.push(next);
      bytes += next.bytes;
      if (next.alone) break;
    }
    this.#queue.splice(0, group.length);
    return group;
  }

  async #commit(group: Queued[]): Promise<void> {
    let afterCommit: (() => void)[] = [];
    let failure: Error | undefined;
    const apply = () => {
      afterCommit = [];
      try {
        for (const queued of group) {
          const batch = queued.run();
          for (const write of batch?.writes ?? []) write();
          afterCommit.push(...(batch?.afterCommit ?? []));
        }
        return undefined;
      } catch (error) {
        failure = this.#failed(error);
        return ABORT;
      }
    };
    try {
      // lmdb's plain transaction() commits what was written before ABORT; only a child transaction takes it back.
      await this.disk.root.childTransaction(apply);
    } catch (error) {
      failure ??= this.#failed(await reasonOf(error));
    }
    if (!failure) for (const action of afterCommit) action();
    for (const queued of group) {
      this.#queuedBytes -= queued.bytes;
      queued.settle(failure);
    }
  }

  #failed(cause: unknown): Error {
    this.onFailure(cause);
    // INTERNAL, as of a Qdrant: UNAVAILABLE would close the gateway's circuit to reads, which go on.
    return new StoreStatus(status.INTERNAL, 'Service internal error: the disk could not be written');
  }
}

/** lmdb rejects with "Commit failed" and gives the reason as a promise beside it; left alone, that ends the thread. */
async function reasonOf(error: unknown): Promise<unknown> {
  const reason = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
  try {
    await reason;
    return error;
  } catch (cause) {
    return cause;
  }
}
