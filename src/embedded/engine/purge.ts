import type { Catalog } from './catalog.js';
import type { Disk } from './disk.js';
import { pointRange, vectorsRange } from './keys.js';
import type { Writer } from './writer.js';

/** Keys removed in one operation: few enough that a write that comes meanwhile does not wait long. */
const KEYS_A_STEP = 2_000;

/** Removes the points of deleted collections, step by step, behind the callers' writes; goes on after a restart. */
export class Purge {
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(
    private readonly disk: Disk,
    private readonly catalog: Catalog,
    private readonly writer: Writer,
  ) {}

  start(): void {
    if (this.#isStopped) return;
    // A failed write was logged by the writer; the next start() tries again.
    this.#running ??= this.#run()
      .catch(() => {})
      .finally(() => {
        this.#running = undefined;
      });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // The catalog changes after the transaction that asked for this.
    await Promise.resolve();
    for (;;) {
      const [id] = this.catalog.dropped();
      if (id === undefined) return;
      while (!(await this.#step(id))) if (this.#isStopped) return;
    }
  }

  /** True when nothing was left. */
  #step(id: number): Promise<boolean> {
    return this.writer.submit((batch) => {
      const { points, vectors } = this.disk;
      const limit = KEYS_A_STEP;
      const pointKeys = [...points.getKeys({ ...pointRange(id), limit })];
      const vectorKeys = [...vectors.getKeys({ ...vectorsRange(id), limit })];
      for (const key of pointKeys) batch.write(() => points.remove(key));
      for (const key of vectorKeys) batch.write(() => vectors.remove(key));
      const isDone = pointKeys.length < limit && vectorKeys.length < limit;
      if (isDone) this.catalog.forgetDropped(batch, id);
      return isDone;
    }, 0);
  }
}
