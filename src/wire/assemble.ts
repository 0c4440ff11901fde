import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { tagOf, WireType } from './cursor.js';
import { WireFault } from './fault.js';
import type { ValueBudget } from './payload-walk.js';
import { type Part, type PointParts, type PointShape, pointShape } from './point-walk.js';
import { transcodeStruct } from './transcode.js';

const vectorTag = tagOf(1, WireType.bytes);
const denseTag = tagOf(101, WireType.bytes);
const dataTag = tagOf(1, WireType.bytes);

/** Bytes of a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes a varint of at most 32 bits and returns the position behind it. */
export function writeVarint(target: Buffer, value: number, start: number): number {
  let pos = start;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) target[pos++] = (rest % 128) | 0x80;
  target[pos++] = rest;
  return pos;
}

/**
 * The bytes that are sent for a point whose walk found no fault: the caller's own where they are Qdrant's message
 * already, else a new buffer of the kept parts, the wrapped vector and the converted payload.
 * Throws WireFault(PAYLOAD_INVALID | REQUEST_MALFORMED) for a bad `payload_struct`.
 */
export function assemblePoint(
  point: Buffer,
  parts: PointParts,
  shape: PointShape,
  budget: ValueBudget,
): Buffer {
  if (parts.plain === undefined && parts.struct === undefined && parts.rewrittenUuid === undefined)
    return point;
  const id = parts.rewrittenUuid === undefined ? undefined : encodeUuid(parts.rewrittenUuid);
  const payload = parts.struct === undefined ? undefined : convertStruct(point, parts.struct, budget);
  const header = parts.plain === undefined ? undefined : vectorHeader(shape.vectorsTag, parts.plain);

  let size = (id?.length ?? 0) + (payload?.length ?? 0) + (header?.length ?? 0);
  for (const { start, end } of parts.kept) size += end - start;
  if (parts.plain !== undefined) size += parts.plain.end - parts.plain.start;

  const target = Buffer.allocUnsafe(size);
  let pos = id?.copy(target) ?? 0;
  for (const { start, end } of parts.kept) pos += point.copy(target, pos, start, end);
  pos += payload?.copy(target, pos) ?? 0;
  pos += header?.copy(target, pos) ?? 0;
  if (parts.plain !== undefined) point.copy(target, pos, parts.plain.start, parts.plain.end);
  return target;
}

function convertStruct(point: Buffer, { start, end }: Part, budget: ValueBudget): Buffer {
  const writer = new BinaryWriter();
  try {
    transcodeStruct(writer, point.subarray(start, end), pointShape.payloadTag, 'toQdrant', budget);
  } catch (error) {
    throw error instanceof WireFault ? error.within('payload_struct') : error;
  }
  return Buffer.from(writer.finish());
}

function encodeUuid(uuid: string): Buffer {
  const text = Buffer.from(uuid, 'latin1');
  const head = Buffer.from([pointShape.idTag, text.length + 2, tagOf(2, WireType.bytes), text.length]);
  return Buffer.concat([head, text]);
}

// The header depends on the dimension alone, which nearly never changes from point to point.
let lastHeader: { tag: number; size: number; bytes: Buffer } | undefined;

/** Tags and lengths of Vectors{vector{dense{data}}} around floats that follow. */
function vectorHeader(vectorsTag: number, floats: Part): Buffer {
  const size = floats.end - floats.start;
  if (lastHeader?.tag === vectorsTag && lastHeader.size === size) return lastHeader.bytes;
  const dense = 1 + varintSize(size) + size;
  const vector = varintSize(denseTag) + varintSize(dense) + dense;
  const vectors = 1 + varintSize(vector) + vector;
  const target = Buffer.alloc(32);
  let pos = 0;
  for (const value of [vectorsTag, vectors, vectorTag, vector, denseTag, dense, dataTag, size]) {
    pos = writeVarint(target, value, pos);
  }
  const bytes = target.subarray(0, pos);
  lastHeader = { tag: vectorsTag, size, bytes };
  return bytes;
}
