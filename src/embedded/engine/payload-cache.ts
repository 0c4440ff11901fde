import type { JsonObject } from '../model/json.js';
import { decodePayload } from '../model/payload-codec.js';
import type { IdKey } from '../model/point-id.js';

interface Kept {
  readonly payload: JsonObject;
  readonly bytes: number;
}

/**
 * Decoded payloads for filters: decoding 100,000 of them at every query costs 100 ms, reading them from here 5.
 * Bounded by encoded bytes; when full, whole collections leave, the least recently filtered first.
 */
export class PayloadCache {
  /** In order of use, the oldest first. */
  readonly #collections = new Map<number, Map<IdKey, Kept>>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** The payload of a stored value; callers must not change it. */
  decoded(collection: number, id: IdKey, stored: () => Uint8Array): JsonObject {
    const kept = this.#collections.get(collection)?.get(id);
    if (kept) return kept.payload;
    const bytes = stored();
    const payload = decodePayload(bytes);
    this.#keep(collection, id, { payload, bytes: bytes.length + id.length });
    return payload;
  }

  /** Marks the collection as the last to leave. */
  touch(collection: number): void {
    const payloads = this.#collections.get(collection);
    if (!payloads) return;
    this.#collections.delete(collection);
    this.#collections.set(collection, payloads);
  }

  #keep(collection: number, id: IdKey, kept: Kept): void {
    while (this.#bytes + kept.bytes > this.maxBytes) {
      const [oldest] = this.#collections.keys();
      // One collection larger than the cache: keep its first part instead of turning everything over.
      if (oldest === undefined || oldest === collection) return;
      this.drop(oldest);
    }
    const payloads = this.#collections.get(collection) ?? new Map<IdKey, Kept>();
    this.#collections.set(collection, payloads);
    payloads.set(id, kept);
    this.#bytes += kept.bytes;
  }

  forget(collection: number, id: IdKey): void {
    const payloads = this.#collections.get(collection);
    const kept = payloads?.get(id);
    if (!payloads || !kept) return;
    payloads.delete(id);
    this.#bytes -= kept.bytes;
  }

  drop(collection: number): void {
    for (const { bytes } of this.#collections.get(collection)?.values() ?? []) this.#bytes -= bytes;
    this.#collections.delete(collection);
  }
}
