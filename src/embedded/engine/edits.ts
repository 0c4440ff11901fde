import type { JsonObject } from '../model/json.js';
import type { IdKey } from '../model/point-id.js';
import type { Collection } from './catalog.js';
import { pointKey, vectorKey } from './keys.js';
import { indexesOf } from './payload-indexes.js';
import { payloadOf, pointValue, type StoredPoint, specOf } from './points.js';
import type { Store } from './store.js';
import type { WriteBatch } from './writer.js';

/** Changes of one operation to the points of one collection. An id may be changed once; finish() comes last. */
export class Edits {
  #points: number;
  readonly #indexed: Map<string, number>;

  constructor(
    private readonly store: Store,
    private readonly batch: WriteBatch,
    readonly collection: Collection,
  ) {
    const { points, indexed } = store.counts.of(collection);
    this.#points = points;
    this.#indexed = new Map(Object.entries(indexed));
  }

  point(id: IdKey): StoredPoint | undefined {
    return this.store.uncached.get(this.collection, id);
  }

  /** Inserts the point or replaces it whole; `before` is what point() gave, `value` what pointValue() made. */
  putPoint(id: IdKey, before: StoredPoint | undefined, value: Buffer, vector: Float32Array | undefined) {
    if (!before) this.#points += 1;
    this.#putValue(id, before, value, () => payloadOf(value));
    if (vector) this.putVector(id, vector);
    else if (before) this.deleteVector(id);
  }

  replacePayload(before: StoredPoint, payload: JsonObject): void {
    this.#putValue(before.id, before, pointValue(payload), () => payload);
  }

  putVector(id: IdKey, vector: Float32Array): void {
    const { store, collection } = this;
    const spec = specOf(collection);
    if (!spec) return;
    const key = vectorKey(collection.id, spec.index, id);
    const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
    this.batch.write(() => store.disk.vectors.put(key, bytes));
    this.batch.after(() => store.spaces.set(collection.id, spec.index, id, vector));
  }

  deleteVector(id: IdKey): void {
    const { store, collection } = this;
    const spec = specOf(collection);
    if (!spec) return;
    this.batch.write(() => store.disk.vectors.remove(vectorKey(collection.id, spec.index, id)));
    this.batch.after(() => store.spaces.delete(collection.id, spec.index, id));
  }

  deletePoint(before: StoredPoint): void {
    const { store, collection } = this;
    // The actions below hold the id alone: a write may delete many points.
    const { id } = before;
    this.#points -= 1;
    this.#count(before, undefined);
    this.batch.write(() => store.disk.points.remove(pointKey(collection.id, id)));
    this.batch.after(() => store.payloads.forget(collection.id, id));
    this.deleteVector(id);
  }

  finish(): void {
    const indexed = Object.fromEntries(this.#indexed);
    this.store.counts.put(this.batch, this.collection.id, { points: this.#points, indexed });
  }

  #putValue(id: IdKey, before: StoredPoint | undefined, value: Buffer, payload: () => JsonObject): void {
    const { disk, payloads } = this.store;
    const { id: collection } = this.collection;
    this.#count(before, payload);
    this.batch.write(() => disk.points.put(pointKey(collection, id), value));
    this.batch.after(() => payloads.forget(collection, id));
  }

  #count(before: StoredPoint | undefined, after: (() => JsonObject) | undefined): void {
    const indexes = indexesOf(this.collection);
    if (indexes.size === 0) return;
    const payload = after?.();
    for (const [path, { holds }] of indexes) {
      const held = before !== undefined && holds(before.payload());
      const isHeld = payload !== undefined && holds(payload);
      if (held !== isHeld) this.#indexed.set(path, (this.#indexed.get(path) ?? 0) + (isHeld ? 1 : -1));
    }
  }
}
