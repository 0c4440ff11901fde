import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { PointId as WirePointId } from '../gen/vectorgateway/v1/point_id.js';
import { type Payload, type PayloadInput, readEntry, writePayload } from './payload.js';
import { fromWireId, type PointId, type PointIdInput, writeId } from './point-id.js';
import { floatsFrom, readVectors, type VectorInput, writeVector } from './vector.js';

/** A point to store. */
export interface PointInput {
  readonly id: PointIdInput;
  readonly vector: VectorInput;
  readonly payload?: PayloadInput;
}

/** A new vector for a point that is stored. */
export interface PointVectorInput {
  readonly id: PointIdInput;
  readonly vector: VectorInput;
}

/** A point as it is stored. */
export interface StoredPoint {
  readonly id: PointId;
  /** Empty also when it was not asked for. */
  readonly payload: Payload;
  /** Undefined when it was not asked for. */
  readonly vector: Float32Array | undefined;
}

/** A point that a search found. */
export interface FoundPoint extends StoredPoint {
  /** Cosine and Dot: higher is nearer. Euclid and Manhattan: lower is nearer. */
  readonly score: number;
}

// The generated code would carry every float through a number array: both directions are written by hand.

/** An encoded Point. Throws TypeError, with the path of the field, for what cannot be stored as it is. */
export function encodePoint(point: PointInput): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(10).fork();
  writeId(writer, point.id);
  writer.join();
  writeVector(writer, 2, point.vector);
  if (point.payload !== undefined) writePayload(writer, 3, point.payload);
  return writer.finish();
}

/** An encoded PointVectors. Throws as encodePoint does. */
export function encodePointVector({ id, vector }: PointVectorInput): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(10).fork();
  writeId(writer, id);
  writer.join();
  writeVector(writer, 1001, vector);
  return writer.finish();
}

/** Numbers of the fields in which the messages for points differ. */
interface Layout {
  readonly payload: number;
  readonly vectors: number;
}
const retrieved: Layout = { payload: 2, vectors: 4 };
const scored: Layout = { payload: 2, vectors: 6 };
const given: Layout = { payload: 3, vectors: 4 };

/** Reads ScoredPoints in `field` of a reply: 1 in that of a search or query. */
export function decodeFound(reply: Uint8Array, field = 1): FoundPoint[] {
  return eachIn(reply, field).map((bytes) => decode(bytes, scored));
}

/** Reads RetrievedPoints in `field` of a reply. */
export function decodeRetrieved(reply: Uint8Array, field: number): StoredPoint[] {
  return eachIn(reply, field).map((bytes) => withoutScore(decode(bytes, retrieved)));
}

/** Reads the points of an ExportPointsResponse. */
export function decodeExported(reply: Uint8Array): StoredPoint[] {
  return eachIn(reply, 3).map((bytes) => withoutScore(decode(bytes, given)));
}

/** Reads the cursor of an ExportPointsResponse; undefined on the last one. */
export function decodeCursor(reply: Uint8Array): string | undefined {
  const [bytes] = eachIn(reply, 1002);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

/** Reads the next_page_offset of a ScrollPointsResponse. */
export function decodeNextOffset(reply: Uint8Array): PointId | undefined {
  const [bytes] = eachIn(reply, 1);
  return bytes === undefined ? undefined : fromWireId(WirePointId.decode(bytes));
}

/** The messages in a field. */
export function eachIn(reply: Uint8Array, field: number): Uint8Array[] {
  const reader = new BinaryReader(reply);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === field * 8 + 2) found.push(reader.bytes());
    else reader.skip(tag & 7);
  }
  return found;
}

function decode(bytes: Uint8Array, { payload: payloadField, vectors: vectorsField }: Layout): FoundPoint {
  const reader = new BinaryReader(bytes);
  const payload: Payload = {};
  let [id, vector, score]: [PointId | undefined, Float32Array | undefined, number] = [
    undefined,
    undefined,
    0,
  ];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) id = fromWireId(WirePointId.decode(reader.bytes()));
    else if (tag === payloadField * 8 + 2) readEntry(payload, reader.bytes());
    else if (tag === vectorsField * 8 + 2) vector = readVectors(reader.bytes());
    // Field 2 is a vector only where it is not the payload.
    else if (tag === 18) vector = floatsFrom([reader.bytes()]);
    else if (tag === 29) score = reader.float();
    else reader.skip(tag & 7);
  }
  // 0 is a number's default, which is not on the wire.
  return { id: id ?? 0n, score, payload, vector };
}

function withoutScore({ id, payload, vector }: FoundPoint): StoredPoint {
  return { id, payload, vector };
}
