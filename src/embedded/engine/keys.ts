import type { IdKey } from '../model/point-id.js';

/**
 * Keys on disk. points: [collection u32][id]; vectors: [collection u32][vector u16][id]; all big-endian, so a
 * range read gives one collection in Qdrant's order of ids. Prefix keys rather than a database a collection:
 * they scale to many thousands of collections.
 */
const POINT_PREFIX_BYTES = 4;
const VECTOR_PREFIX_BYTES = 6;

export function pointKey(collection: number, id: IdKey): Buffer {
  const key = Buffer.allocUnsafe(POINT_PREFIX_BYTES + id.length);
  key.writeUInt32BE(collection, 0);
  key.write(id, POINT_PREFIX_BYTES, 'latin1');
  return key;
}

export function vectorKey(collection: number, vector: number, id: IdKey): Buffer {
  const key = Buffer.allocUnsafe(VECTOR_PREFIX_BYTES + id.length);
  key.writeUInt32BE(collection, 0);
  key.writeUInt16BE(vector, 4);
  key.write(id, VECTOR_PREFIX_BYTES, 'latin1');
  return key;
}

export interface KeyRange {
  readonly start: Buffer;
  /** Exclusive. */
  readonly end: Buffer;
}

export const pointRange = (collection: number, from: IdKey = ''): KeyRange => ({
  start: pointKey(collection, from),
  end: pointKey(collection + 1, ''),
});

export const vectorRange = (collection: number, vector: number): KeyRange => ({
  start: vectorKey(collection, vector, ''),
  end: vectorKey(collection, vector + 1, ''),
});

/** Every vector of a collection. */
export const vectorsRange = (collection: number): KeyRange => ({
  start: vectorKey(collection, 0, ''),
  end: vectorKey(collection + 1, 0, ''),
});

export const idOfPointKey = (key: Buffer): IdKey => key.toString('latin1', POINT_PREFIX_BYTES);

export const idOfVectorKey = (key: Buffer): IdKey => key.toString('latin1', VECTOR_PREFIX_BYTES);
