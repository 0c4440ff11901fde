import { FLOAT_STEP } from '../kernel/kernel.js';
import type { IdKey } from '../model/point-id.js';
import { type Arena, BLOCK_BYTES } from './arena.js';
import type { Metric } from './metric.js';
import type { TopHits } from './top-hits.js';

/** Floats of one stored row: the size rounded up to the kernel's step. */
export const rowFloats = (size: number): number => Math.ceil(size / FLOAT_STEP) * FLOAT_STEP;

export const rowsPerBlock = (size: number): number => Math.floor(BLOCK_BYTES / (rowFloats(size) * 4));

/**
 * The vectors of one collection under one name, laid out for the kernel: dense rows in arena blocks, no holes
 * (a removed row is filled with the last one). A cache of what is on disk, never its source.
 */
export class VectorSpace {
  readonly #floats: number;
  readonly #rows: number;
  readonly #blocks: number[] = [];
  readonly #ids: IdKey[] = [];
  readonly #slots = new Map<IdKey, number>();

  constructor(
    private readonly arena: Arena,
    size: number,
    private readonly metric: Metric,
  ) {
    this.#floats = rowFloats(size);
    this.#rows = rowsPerBlock(size);
  }

  /** The points that have a row, in no order; changes with the next set() or delete(). */
  get ids(): readonly IdKey[] {
    return this.#ids;
  }

  /** Adds or replaces a row. False: the arena is full and nothing was changed. */
  set(id: IdKey, vector: Float32Array): boolean {
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      slot = this.#ids.length;
      if (slot === this.#blocks.length * this.#rows) {
        const block = this.arena.allocate();
        if (block === undefined) return false;
        this.#blocks.push(block);
      }
      this.#ids.push(id);
      this.#slots.set(id, slot);
    }
    const at = this.#addressOf(slot) / 4;
    this.arena.floats.set(vector, at);
    this.arena.floats.fill(0, at + vector.length, at + this.#floats);
    return true;
  }

  delete(id: IdKey): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    const last = this.#ids.length - 1;
    const lastId = this.#ids[last];
    if (slot !== last && lastId !== undefined) {
      const from = this.#addressOf(last) / 4;
      this.arena.floats.copyWithin(this.#addressOf(slot) / 4, from, from + this.#floats);
      this.#ids[slot] = lastId;
      this.#slots.set(lastId, slot);
    }
    this.#ids.pop();
    this.#slots.delete(id);
    if (last === (this.#blocks.length - 1) * this.#rows) this.arena.release(this.#blocks.pop() ?? 0);
  }

  release(): void {
    for (const block of this.#blocks.splice(0)) this.arena.release(block);
    this.#ids.length = 0;
    this.#slots.clear();
  }

  /** Scores every row. The query must already be at arena.queryAt. */
  scanAll(hits: TopHits, threshold: Threshold): void {
    const { kernel, queryAt, scoresAt } = this.arena;
    const scan = this.metric.scan(kernel);
    for (const [at, block] of this.#blocks.entries()) {
      const first = at * this.#rows;
      const count = Math.min(this.#rows, this.#ids.length - first);
      scan(queryAt, block, count, this.#floats, scoresAt);
      this.#collect(first, count, hits, threshold);
    }
  }

  /** Scores only the given points; those without a row are left out. */
  scanOnly(ids: Iterable<IdKey>, hits: TopHits, threshold: Threshold): void {
    const { kernel, queryAt, scoresAt } = this.arena;
    const scan = this.metric.scan(kernel);
    for (const id of ids) {
      const slot = this.#slots.get(id);
      if (slot === undefined) continue;
      scan(queryAt, this.#addressOf(slot), 1, this.#floats, scoresAt);
      this.#collect(slot, 1, hits, threshold);
    }
  }

  #collect(first: number, count: number, hits: TopHits, threshold: Threshold): void {
    const scores = this.arena.floats.subarray(this.arena.scoresAt / 4, this.arena.scoresAt / 4 + count);
    for (let i = 0; i < count; i++) {
      const score = this.metric.score(scores[i] ?? 0);
      if (hits.wants(score) && threshold(score)) hits.add(this.#ids[first + i] ?? '', score);
    }
  }

  #addressOf(slot: number): number {
    const block = Math.floor(slot / this.#rows);
    return (this.#blocks[block] ?? 0) + (slot - block * this.#rows) * this.#floats * 4;
  }
}

/** Whether a score passes the caller's score_threshold. */
export type Threshold = (score: number) => boolean;

/** Scores rows that are not in the arena, in stage-sized groups: the same kernel, at the speed of the disk pages. */
export function scanStaged(
  arena: Arena,
  size: number,
  metric: Metric,
  rows: Iterable<{ id: IdKey; vector: Float32Array }>,
  hits: TopHits,
  threshold: Threshold,
): void {
  const floats = rowFloats(size);
  const capacity = rowsPerBlock(size);
  const scan = metric.scan(arena.kernel);
  const ids: IdKey[] = [];
  const flush = () => {
    scan(arena.queryAt, arena.stageAt, ids.length, floats, arena.scoresAt);
    for (const [at, id] of ids.entries()) {
      const score = metric.score(arena.floats[arena.scoresAt / 4 + at] ?? 0);
      if (hits.wants(score) && threshold(score)) hits.add(id, score);
    }
    ids.length = 0;
  };
  for (const { id, vector } of rows) {
    const at = arena.stageAt / 4 + ids.length * floats;
    arena.floats.set(vector, at);
    arena.floats.fill(0, at + vector.length, at + floats);
    ids.push(id);
    if (ids.length === capacity) flush();
  }
  flush();
}
