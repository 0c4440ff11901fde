import type { IdKey } from '../model/point-id.js';
import type { Arena } from './arena.js';
import type { Collection, VectorSpec } from './catalog.js';
import type { Disk } from './disk.js';
import { idOfVectorKey, vectorRange } from './keys.js';
import { metricOf } from './metric.js';
import { rowsPerBlock, VectorSpace } from './vector-space.js';

export interface VectorRow {
  readonly id: IdKey;
  readonly vector: Float32Array;
}

/** A vector's bytes as numbers; copies, because a value's bytes may start at any address. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const floats = new Float32Array(bytes.byteLength / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

const keyOf = (collection: number, vector: number): string => `${collection}/${vector}`;

/**
 * The vectors that are in the arena. A space is loaded at its first search, kept in step by every write, and
 * leaves when another one needs its blocks (least recently searched first).
 */
export class Spaces {
  /** In order of use, the oldest first. */
  readonly #loaded = new Map<string, VectorSpace>();

  constructor(
    private readonly disk: Disk,
    private readonly arena: Arena,
  ) {}

  /** The space, loaded if need be; undefined when it does not fit and must be scanned from disk. */
  get(collection: Collection, spec: VectorSpec): VectorSpace | undefined {
    const key = keyOf(collection.id, spec.index);
    const loaded = this.#loaded.get(key) ?? this.#load(collection, spec, key);
    if (!loaded) return undefined;
    this.#loaded.delete(key);
    this.#loaded.set(key, loaded);
    return loaded;
  }

  /** Every row on disk, by id. */
  *rows(collection: number, spec: VectorSpec): Generator<VectorRow> {
    for (const { key, value } of this.disk.vectors.getRange(vectorRange(collection, spec.index))) {
      yield { id: idOfVectorKey(key), vector: floatsOf(value) };
    }
  }

  set(collection: number, vector: number, id: IdKey, value: Float32Array): void {
    const key = keyOf(collection, vector);
    const space = this.#loaded.get(key);
    if (!space || this.#store(key, space, { id, vector: value })) return;
    space.release();
    this.#loaded.delete(key);
  }

  delete(collection: number, vector: number, id: IdKey): void {
    this.#loaded.get(keyOf(collection, vector))?.delete(id);
  }

  drop(collection: number, specs: readonly VectorSpec[]): void {
    for (const { index } of specs) {
      const key = keyOf(collection, index);
      this.#loaded.get(key)?.release();
      this.#loaded.delete(key);
    }
  }

  #load(collection: Collection, spec: VectorSpec, key: string): VectorSpace | undefined {
    const rows = this.disk.vectors.getKeysCount(vectorRange(collection.id, spec.index));
    if (Math.ceil(rows / rowsPerBlock(spec.size)) > this.arena.maxBlocks) return undefined;
    const space = new VectorSpace(this.arena, spec.size, metricOf(spec.distance));
    for (const row of this.rows(collection.id, spec)) {
      if (this.#store(key, space, row)) continue;
      space.release();
      return undefined;
    }
    this.#loaded.set(key, space);
    return space;
  }

  /** Puts a row in, making room at the cost of other spaces. */
  #store(key: string, space: VectorSpace, row: VectorRow): boolean {
    while (!space.set(row.id, row.vector)) {
      const [oldest] = [...this.#loaded.keys()].filter((other) => other !== key);
      if (oldest === undefined) return false;
      this.#loaded.get(oldest)?.release();
      this.#loaded.delete(oldest);
    }
    return true;
  }
}
