import type { Collection } from './catalog.js';
import type { Disk } from './disk.js';
import type { WriteBatch } from './writer.js';

/** Points of a collection, and for each payload index how many of them it holds. */
export interface Counts {
  readonly points: number;
  readonly indexed: Readonly<Record<string, number>>;
}

const NONE: Counts = { points: 0, indexed: {} };
const keyOf = (collection: number): string => `counts/${collection}`;

/** Counts are kept on disk, in the same transaction as the points: counting them takes 10 ms per 100,000. */
export class CountTable {
  constructor(private readonly disk: Disk) {}

  of(collection: Collection): Counts {
    // The cast says what put() wrote.
    return (this.disk.meta.get(keyOf(collection.id)) as Counts | undefined) ?? NONE;
  }

  put(batch: WriteBatch, collection: number, counts: Counts): void {
    batch.write(() => this.disk.meta.put(keyOf(collection), counts));
  }

  remove(batch: WriteBatch, collection: number): void {
    batch.write(() => this.disk.meta.remove(keyOf(collection)));
  }
}
