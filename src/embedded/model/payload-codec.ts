import { isUtf8 } from 'node:buffer';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { invalid } from '../store-status.js';
import { isObject, type Json, type JsonObject } from './json.js';

/**
 * Payloads between their bytes (`map<string, qdrant.Value>`) and JSON. Hand-written because protobuf-es keeps
 * maps in plain objects, where a key such as `__proto__` is lost, and because a payload is stored in the
 * bytes of the reply's own field: replies are then spliced, not encoded.
 */

/** RetrievedPoint.payload and ScoredPoint.payload: both are field 2. */
const PAYLOAD_FIELD = 2;
const MAX_DEPTH = 128;
const NULL = 1;
const DOUBLE = 2;
const INTEGER = 3;
const STRING = 4;
const BOOL = 5;
const STRUCT = 6;
const LIST = 7;

const textOf = (bytes: Uint8Array): string => {
  if (!isUtf8(bytes)) throw invalid('payload: a string is not valid UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
};

/** Reads one entry of a `map<string, Value>` into `into`; a repeated key keeps the later value. */
export function readEntry(bytes: Uint8Array, into: JsonObject, depth = 0): void {
  const reader = new BinaryReader(bytes);
  let key = '';
  let value: Json | undefined;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.LengthDelimited) key = textOf(reader.bytes());
    else if (field === 2 && wire === WireType.LengthDelimited)
      value = readValue(reader.bytes(), depth, value);
    else reader.skip(wire);
  }
  into.set(key, value ?? null);
}

function readMembers(bytes: Uint8Array, depth: number, onMember: (member: Uint8Array) => void): void {
  if (depth > MAX_DEPTH) throw invalid(`payload: nested deeper than ${MAX_DEPTH} levels`);
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.LengthDelimited) onMember(reader.bytes());
    else reader.skip(wire);
  }
}

/** `earlier`: the value that an earlier occurrence gave; messages merge, scalars are replaced. */
function readValue(bytes: Uint8Array, depth: number, earlier: Json | undefined): Json | undefined {
  const reader = new BinaryReader(bytes);
  let value = earlier;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === STRING && wire === WireType.LengthDelimited) value = textOf(reader.bytes());
    else if (field === INTEGER && wire === WireType.Varint) value = BigInt(reader.int64());
    else if (field === DOUBLE && wire === WireType.Bit64) value = finite(reader.double());
    else if (field === BOOL && wire === WireType.Varint) value = reader.bool();
    else if (field === NULL && wire === WireType.Varint) value = readNull(reader);
    else if (field === STRUCT && wire === WireType.LengthDelimited) {
      const object: JsonObject = isObject(value) ? value : new Map();
      readMembers(reader.bytes(), depth + 1, (member) => readEntry(member, object, depth + 1));
      value = object;
    } else if (field === LIST && wire === WireType.LengthDelimited) {
      const list: Json[] = Array.isArray(value) ? value : [];
      readMembers(reader.bytes(), depth + 1, (member) =>
        list.push(readValue(member, depth + 1, undefined) ?? null),
      );
      value = list;
    } else reader.skip(wire);
  }
  return value;
}

function readNull(reader: BinaryReader): null {
  reader.int32();
  return null;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw invalid('cannot convert to json number');
  return value;
}

/** The stored form, ready to be spliced into a reply. Empty for an empty payload. */
export function encodePayload(payload: JsonObject): Uint8Array {
  const writer = new BinaryWriter();
  writeEntries(writer, PAYLOAD_FIELD, payload);
  return writer.finish();
}

/** The JSON of a stored form. */
export function decodePayload(stored: Uint8Array): JsonObject {
  const payload: JsonObject = new Map();
  const reader = new BinaryReader(stored);
  while (reader.pos < reader.len) {
    const [, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) readEntry(reader.bytes(), payload);
    else reader.skip(wire);
  }
  return payload;
}

function writeEntries(writer: BinaryWriter, field: number, object: JsonObject): void {
  for (const [key, value] of object) {
    writer.tag(field, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(key);
    writer.tag(2, WireType.LengthDelimited).fork();
    writeValue(writer, value);
    writer.join().join();
  }
}

function writeValue(writer: BinaryWriter, value: Json): void {
  if (value === null) writer.tag(NULL, WireType.Varint).int32(0);
  else if (typeof value === 'string') writer.tag(STRING, WireType.LengthDelimited).string(value);
  else if (typeof value === 'bigint') writer.tag(INTEGER, WireType.Varint).int64(value);
  else if (typeof value === 'number') writer.tag(DOUBLE, WireType.Bit64).double(value);
  else if (typeof value === 'boolean') writer.tag(BOOL, WireType.Varint).bool(value);
  else if (Array.isArray(value)) {
    writer.tag(LIST, WireType.LengthDelimited).fork();
    for (const member of value) {
      writer.tag(1, WireType.LengthDelimited).fork();
      writeValue(writer, member);
      writer.join();
    }
    writer.join();
  } else {
    writer.tag(STRUCT, WireType.LengthDelimited).fork();
    writeEntries(writer, 1, value);
    writer.join();
  }
}
