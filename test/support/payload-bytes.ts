import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { lengthField, varint, varintField } from './wire-bytes.js';

// Points of Qdrant by hand: in the official package's objects a payload key such as "__proto__" is lost.

export type Plain = null | boolean | number | bigint | string | Plain[] | PlainObject;
export type PlainObject = Map<string, Plain>;

export type Id = { readonly num: bigint } | { readonly uuid: string };

export interface NewPoint {
  readonly id: Id;
  /** Undefined: a point without a vector. */
  readonly vector: readonly number[] | undefined;
  readonly payload: PlainObject;
}

/** A qdrant.PointId. */
export const idBytes = (id: Id): Buffer =>
  'num' in id ? varintField(1, id.num) : lengthField(2, Buffer.from(id.uuid));

function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + WireType.Bit64), bytes]);
}

/** A qdrant.Value. */
export function valueBytes(value: Plain): Buffer {
  if (value === null) return varintField(1, 0);
  if (typeof value === 'number') return doubleField(2, value);
  if (typeof value === 'bigint') return varintField(3, BigInt.asUintN(64, value));
  if (typeof value === 'string') return lengthField(4, value);
  if (typeof value === 'boolean') return varintField(5, value ? 1 : 0);
  if (value instanceof Map) return lengthField(6, entriesBytes(1, value));
  return lengthField(7, Buffer.concat(value.map((member) => lengthField(1, valueBytes(member)))));
}

/** A `map<string, qdrant.Value>` in field `field`. */
export const entriesBytes = (field: number, object: PlainObject): Buffer =>
  Buffer.concat(
    [...object].map(([key, value]) =>
      lengthField(field, Buffer.concat([lengthField(1, key), lengthField(2, valueBytes(value))])),
    ),
  );

/** A qdrant.Vectors: one plain vector, or an empty map of named ones. */
export function vectorsBytes(vector: readonly number[] | undefined): Buffer {
  if (!vector) return lengthField(2, '');
  return lengthField(1, lengthField(1, Buffer.from(Float32Array.from(vector).buffer)));
}

/** A qdrant.PointStruct. */
export const pointStruct = ({ id, vector, payload }: NewPoint): Buffer =>
  Buffer.concat([
    lengthField(1, idBytes(id)),
    entriesBytes(3, payload),
    lengthField(4, vectorsBytes(vector)),
  ]);

/** A qdrant.UpsertPoints. */
export const upsertRequest = (collection: string, points: readonly NewPoint[]): Buffer =>
  Buffer.concat([
    lengthField(1, collection),
    varintField(2, 1),
    ...points.map((point) => lengthField(3, pointStruct(point))),
  ]);

function eachField(bytes: Uint8Array, visit: (field: number, reader: BinaryReader, wire: WireType) => void) {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    visit(field, reader, wire);
  }
}

export function readEntry(bytes: Uint8Array, into: PlainObject): void {
  let key = '';
  let value: Plain = null;
  eachField(bytes, (field, reader) => {
    if (field === 1) key = reader.string();
    else value = readValue(reader.bytes());
  });
  into.set(key, value);
}

function readValue(bytes: Uint8Array): Plain {
  let value: Plain = null;
  eachField(bytes, (field, reader) => {
    if (field === 1) reader.int32();
    else if (field === 2) value = reader.double();
    else if (field === 3) value = BigInt(reader.int64());
    else if (field === 4) value = reader.string();
    else if (field === 5) value = reader.bool();
    else if (field === 6) {
      const object: PlainObject = new Map();
      eachField(reader.bytes(), (_, inner) => readEntry(inner.bytes(), object));
      value = object;
    } else {
      const list: Plain[] = [];
      eachField(reader.bytes(), (_, inner) => list.push(readValue(inner.bytes())));
      value = list;
    }
  });
  return value;
}

export interface ShownPoint {
  /** Decimal digits, or a UUID in lower case with hyphens. */
  readonly id: string;
  readonly score: number;
  readonly payload: PlainObject;
}

/** The points of a reply: ScoredPoints or RetrievedPoints in field `field`. */
export function pointsOfReply(reply: Uint8Array, field: number): ShownPoint[] {
  const points: ShownPoint[] = [];
  eachField(reply, (number, reader, wire) => {
    if (number !== field) reader.skip(wire);
    else points.push(readPoint(reader.bytes()));
  });
  return points;
}

function readPoint(bytes: Uint8Array): ShownPoint {
  let id = '';
  let score = Number.NaN;
  const payload: PlainObject = new Map();
  eachField(bytes, (field, reader, wire) => {
    if (field === 1) id = readId(reader.bytes());
    else if (field === 2) readEntry(reader.bytes(), payload);
    else if (field === 3 && wire === WireType.Bit32) score = reader.float();
    else reader.skip(wire);
  });
  return { id, score, payload };
}

export function readId(bytes: Uint8Array): string {
  let id = '';
  eachField(bytes, (field, reader) => {
    id = field === 1 ? String(reader.uint64()) : reader.string();
  });
  return id;
}
