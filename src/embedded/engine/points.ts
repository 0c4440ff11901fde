import type { FilterPoint } from '../filter/index.js';
import type { JsonObject } from '../model/json.js';
import { decodePayload, encodePayload } from '../model/payload-codec.js';
import type { IdKey } from '../model/point-id.js';
import type { Collection, VectorSpec } from './catalog.js';
import type { Disk } from './disk.js';
import { idOfPointKey, pointKey, pointRange, vectorKey } from './keys.js';
import type { PayloadCache } from './payload-cache.js';

/** First byte of a point's value: how the rest is written. The only form so far is the payload in reply form. */
const FORMAT = 1;

export function pointValue(payload: JsonObject): Buffer {
  const encoded = encodePayload(payload);
  const value = Buffer.allocUnsafe(1 + encoded.length);
  value[0] = FORMAT;
  value.set(encoded, 1);
  return value;
}

export const payloadOf = (value: Uint8Array): JsonObject => decodePayload(value.subarray(1));

/** The collection's vector; undefined for a collection without vectors. */
export const specOf = (collection: Collection): VectorSpec | undefined => collection.vectors[0];

/** A point on disk. What it holds is read when it is asked for. */
export class StoredPoint implements FilterPoint {
  #value: Buffer | undefined;
  #payload: JsonObject | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly cache: PayloadCache | undefined,
    private readonly collection: Collection,
    readonly id: IdKey,
    value?: Buffer,
  ) {
    this.#value = value;
  }

  /** The payload in reply form, ready to be spliced; empty for a point that is gone. */
  encodedPayload(): Uint8Array {
    this.#value ??= this.disk.points.get(pointKey(this.collection.id, this.id)) ?? Buffer.of(FORMAT);
    return this.#value.subarray(1);
  }

  /** Shared with the cache: callers that change it must copy it first. */
  payload(): JsonObject {
    this.#payload ??= this.cache
      ? this.cache.decoded(this.collection.id, this.id, () => this.encodedPayload())
      : decodePayload(this.encodedPayload());
    return this.#payload;
  }

  hasVector(name: string): boolean {
    const spec = specOf(this.collection);
    return (
      spec?.name === name && this.disk.vectors.doesExist(vectorKey(this.collection.id, spec.index, this.id))
    );
  }

  /** f32, little-endian. */
  vector(): Buffer | undefined {
    const spec = specOf(this.collection);
    return spec && this.disk.vectors.get(vectorKey(this.collection.id, spec.index, this.id));
  }
}

/**
 * Reads points. With a cache for calls that only read; without one inside operations of the writer, which see
 * what is not committed yet and must neither find older payloads nor leave theirs behind.
 */
export class Points {
  constructor(
    private readonly disk: Disk,
    private readonly cache?: PayloadCache,
  ) {}

  get(collection: Collection, id: IdKey): StoredPoint | undefined {
    const value = this.disk.points.get(pointKey(collection.id, id));
    return value && new StoredPoint(this.disk, this.cache, collection, id, value);
  }

  /** A point that is known to exist; nothing is read yet. */
  known(collection: Collection, id: IdKey): StoredPoint {
    return new StoredPoint(this.disk, this.cache, collection, id);
  }

  /** All points by id, from `from` on. */
  *from(collection: Collection, from: IdKey = ''): Generator<StoredPoint> {
    this.cache?.touch(collection.id);
    for (const { key, value } of this.disk.points.getRange(pointRange(collection.id, from))) {
      yield new StoredPoint(this.disk, this.cache, collection, idOfPointKey(key), value);
    }
  }
}
