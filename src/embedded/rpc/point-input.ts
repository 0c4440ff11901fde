import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type PointId, PointIdSchema, type Vector, VectorsSchema } from '@qdrant/js-client-grpc';
import type { VectorSpec } from '../engine/catalog.js';
import { roundToFloat16 } from '../engine/float16.js';
import { metricOf, normalise } from '../engine/metric.js';
import { floatsOf } from '../engine/spaces.js';
import type { JsonObject } from '../model/json.js';
import { readEntry } from '../model/payload-codec.js';
import { type IdKey, idKey } from '../model/point-id.js';
import { invalid, unsupported } from '../store-status.js';
import { decode } from './handler.js';

/** Most points of one write. Each costs several objects while it is handled. */
const MAX_POINTS = 10_000;

/** A request cut at its points: `envelope` is the request without them. */
export interface PointList {
  readonly envelope: Uint8Array;
  readonly points: readonly Uint8Array[];
}

/** Takes the occurrences of one length-delimited field out of a message. Throws INVALID_ARGUMENT above 10,000. */
export function takeField(message: Uint8Array, taken: number): PointList {
  const reader = new BinaryReader(message);
  const rest: Uint8Array[] = [];
  const points: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wire] = reader.tag();
    if (field === taken && wire === WireType.LengthDelimited) points.push(reader.bytes());
    else {
      reader.skip(wire);
      rest.push(message.subarray(start, reader.pos));
    }
    if (points.length > MAX_POINTS) throw invalid(`more than ${MAX_POINTS} points in one request`);
  }
  return { envelope: Buffer.concat(rest), points };
}

/** A point as it arrived. Parts that were sent in pieces are joined, which is how protobuf merges them. */
export interface RawPoint {
  readonly id: Uint8Array | undefined;
  readonly vectors: Uint8Array | undefined;
  readonly payload: JsonObject;
}

interface PointFields {
  readonly vectors: number;
  /** 0: the message has none. */
  readonly payload: number;
}

/** Field numbers of PointStruct and PointVectors; the id is field 1 in both. */
export const POINT_STRUCT: PointFields = { vectors: 4, payload: 3 };
export const POINT_VECTORS: PointFields = { vectors: 2, payload: 0 };

const joined = (earlier: Uint8Array | undefined, bytes: Uint8Array): Uint8Array =>
  earlier ? Buffer.concat([earlier, bytes]) : bytes;

export function readPoint(bytes: Uint8Array, fields: PointFields): RawPoint {
  const reader = new BinaryReader(bytes);
  let id: Uint8Array | undefined;
  let vectors: Uint8Array | undefined;
  const payload: JsonObject = new Map();
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire !== WireType.LengthDelimited) reader.skip(wire);
    else if (field === 1) id = joined(id, reader.bytes());
    else if (field === fields.vectors) vectors = joined(vectors, reader.bytes());
    else if (field === fields.payload) readEntry(reader.bytes(), payload);
    else reader.skip(wire);
  }
  return { id, vectors, payload };
}

/** The key of an id; `missing` is the text when there is none. */
export function readId(bytes: Uint8Array | undefined, missing: string): IdKey {
  if (!bytes) throw invalid(missing);
  const id: PointId = decode(PointIdSchema, bytes);
  return idKey(id);
}

/** The one record of a message, when it is `field` and nothing else; a subarray. */
function soleField(bytes: Uint8Array, field: number): Uint8Array | undefined {
  const reader = new BinaryReader(bytes);
  const [number, wire] = reader.tag();
  if (number !== field || wire !== WireType.LengthDelimited) return undefined;
  const content = reader.bytes();
  return reader.pos === reader.len ? content : undefined;
}

/**
 * The vector of a qdrant.Vectors message, checked and made ready to be stored: of the collection's size,
 * normalised for Cosine. Undefined for a named form without entries. Throws INVALID_ARGUMENT or UNIMPLEMENTED.
 */
export function readVector(vectors: Uint8Array, spec: VectorSpec | undefined): Float32Array | undefined {
  const vector = plainVector(vectors) ?? decodedVector(vectors);
  if (!vector) return undefined;
  if (!spec) throw invalid('Wrong input: Not existing vector name error: ');
  checkSize(vector.length, spec);
  if (metricOf(spec.distance).normalise) normalise(vector);
  if (spec.float16) roundToFloat16(vector);
  return vector;
}

export function checkSize(size: number, spec: VectorSpec): void {
  if (size === spec.size) return;
  throw invalid(`Wrong input: Vector dimension error: expected dim: ${spec.size}, got ${size}`);
}

/** The usual forms, without building an array of numbers: vector.dense.data or vector.data, packed, in one piece. */
function plainVector(vectors: Uint8Array): Float32Array | undefined {
  const vector = vectors.length > 0 ? soleField(vectors, 1) : undefined;
  if (!vector || vector.length === 0) return undefined;
  const dense = soleField(vector, 101);
  const data = dense ? dense.length > 0 && soleField(dense, 1) : soleField(vector, 1);
  return data && data.length % 4 === 0 ? floatsOf(data) : undefined;
}

function decodedVector(vectors: Uint8Array): Float32Array | undefined {
  const options = decode(VectorsSchema, vectors).vectorsOptions;
  if (options.case === undefined) throw invalid('Expected some vectors');
  if (options.case === 'vector') return denseOf(options.value);
  const named = Object.entries(options.value.vectors);
  const other = named.find(([name]) => name !== '');
  if (other) throw invalid(`Wrong input: Not existing vector name error: ${other[0]}`);
  const [unnamed] = named;
  return unnamed && denseOf(unnamed[1]);
}

function denseOf({ vector, data, indices, vectorsCount }: Vector): Float32Array {
  switch (vector.case) {
    case 'dense':
      return Float32Array.from(vector.value.data);
    case 'sparse':
      throw invalid('Sparse vector must be named');
    case 'multiDense':
      throw invalid('Wrong input: Conversion between multi and regular vectors failed');
    case undefined:
      if (indices) throw invalid('Sparse vector must be named');
      if ((vectorsCount ?? 1) > 1) {
        throw invalid('Wrong input: Conversion between multi and regular vectors failed');
      }
      return Float32Array.from(data);
    default:
      throw unsupported('inference (document, image and object vectors)');
  }
}
