import { BinaryReader, type BinaryWriter } from '@bufbuild/protobuf/wire';

/** JSON as it comes back: integers beyond 2^53 are bigints, all other numbers are numbers. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | Payload;
export interface Payload {
  [key: string]: JsonValue;
}

/** JSON as it may be given. Keys whose value is undefined are left out, as in JSON.stringify. */
export type JsonInput = null | boolean | number | bigint | string | readonly JsonInput[] | PayloadInput;
export interface PayloadInput {
  readonly [key: string]: JsonInput | undefined;
}

// The gateway's limit is lower; this one ends an object that contains itself.
const maxDepth = 64;
const loneSurrogate = /\p{Surrogate}/u;

/** Writes `payload` as entries of a `map<string, Value>` in `field`. Throws TypeError for what is not JSON. */
export function writePayload(writer: BinaryWriter, field: number, payload: PayloadInput): void {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload) || !isPlain(payload)) {
    throw new TypeError('payload: must be a plain object');
  }
  writeEntries(writer, field * 8 + 2, payload, 'payload', 0);
}

function writeEntries(writer: BinaryWriter, tag: number, object: object, path: string, depth: number): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    writer.uint32(tag).fork().uint32(10).string(wellFormed(key, path)).uint32(18).fork();
    writeValue(writer, value, `${path}.${key}`, depth + 1);
    writer.join().join();
  }
}

/** Writes a Value message without its tag and length. */
function writeValue(writer: BinaryWriter, value: unknown, path: string, depth: number): void {
  if (depth > maxDepth) throw new TypeError(`${path.slice(0, 200)}: is nested deeper than ${maxDepth}`);
  switch (typeof value) {
    case 'string':
      writer.uint32(34).string(wellFormed(value, path));
      return;
    case 'number':
      writeNumber(writer, value, path);
      return;
    case 'boolean':
      writer.uint32(40).bool(value);
      return;
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) throw new TypeError(`${path}: ${value} does not fit 64 bits`);
      writer.uint32(24).int64(value);
      return;
    case 'object':
      writeObject(writer, value, path, depth);
      return;
    default:
      throw new TypeError(`${path}: a ${typeof value} is not JSON`);
  }
}

function writeNumber(writer: BinaryWriter, value: number, path: string): void {
  if (!Number.isFinite(value)) throw new TypeError(`${path}: ${value} is not JSON`);
  // An integer has no negative zero.
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.uint32(24).int64(value);
  else writer.uint32(17).double(value);
}

function writeObject(writer: BinaryWriter, value: object | null, path: string, depth: number): void {
  if (value === null) {
    writer.uint32(8).int32(0);
  } else if (Array.isArray(value)) {
    writer.uint32(58).fork();
    for (const [index, item] of value.entries()) {
      writer.uint32(10).fork();
      writeValue(writer, item, `${path}[${index}]`, depth + 1);
      writer.join();
    }
    writer.join();
  } else if (isPlain(value)) {
    writer.uint32(50).fork();
    writeEntries(writer, 10, value, path, depth);
    writer.join();
  } else {
    throw new TypeError(`${path}: a ${value.constructor?.name ?? 'class'} is not plain JSON`);
  }
}

// An object of another realm has a prototype of its own, which again has none.
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function wellFormed(text: string, path: string): string {
  // It would be stored as another text.
  if (loneSurrogate.test(text)) throw new TypeError(`${path}: holds half of a character`);
  return text;
}

/** Reads one entry of a `map<string, Value>` into `target`. */
export function readEntry(target: Payload, bytes: Uint8Array): void {
  const reader = new BinaryReader(bytes);
  let key = '';
  let value: JsonValue = null;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) key = reader.string();
    else if (tag === 18) value = readValue(reader.bytes());
    else reader.skip(tag & 7);
  }
  setOwn(target, key, value);
}

function readValue(bytes: Uint8Array): JsonValue {
  const reader = new BinaryReader(bytes);
  let value: JsonValue = null;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 17) value = reader.double();
    else if (tag === 24) value = smallest(BigInt(reader.int64()));
    else if (tag === 34) value = reader.string();
    else if (tag === 40) value = reader.bool();
    else if (tag === 50) value = readStruct(reader.bytes());
    else if (tag === 58) value = readList(reader.bytes());
    else reader.skip(tag & 7);
  }
  return value;
}

function readStruct(bytes: Uint8Array): Payload {
  const reader = new BinaryReader(bytes);
  const object: Payload = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) readEntry(object, reader.bytes());
    else reader.skip(tag & 7);
  }
  return object;
}

function readList(bytes: Uint8Array): JsonValue[] {
  const reader = new BinaryReader(bytes);
  const list: JsonValue[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) list.push(readValue(reader.bytes()));
    else reader.skip(tag & 7);
  }
  return list;
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Assigning to `__proto__` would change the prototype instead. */
function setOwn(target: Payload, key: string, value: JsonValue): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
