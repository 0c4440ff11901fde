import { Cursor, type Cursor as CursorType, firstNonFiniteFloat, isText, tagOf, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import { type Finding, type ValueBudget, walkEntry } from './payload-walk.js';
import { canonicalUuidOf, missingId, uuidFault } from './point-id.js';

/** Where the parts are in the two messages that carry points; 0: this one has no such part. */
export interface PointShape {
  readonly idTag: number;
  /** Our plain `repeated float vector`. */
  readonly plainTag: number;
  /** Qdrant's `vectors`. */
  readonly vectorsTag: number;
  readonly payloadTag: number;
  readonly structTag: number;
}

/** Point → qdrant.PointStruct. */
export const pointShape: PointShape = {
  idTag: tagOf(1, WireType.bytes),
  plainTag: tagOf(2, WireType.bytes),
  vectorsTag: tagOf(4, WireType.bytes),
  payloadTag: tagOf(3, WireType.bytes),
  structTag: tagOf(1001, WireType.bytes),
};

/** PointVectors → qdrant.PointVectors. */
export const pointVectorsShape: PointShape = {
  idTag: tagOf(1, WireType.bytes),
  plainTag: tagOf(1001, WireType.bytes),
  vectorsTag: tagOf(2, WireType.bytes),
  payloadTag: 0,
  structTag: 0,
};

/** A part of the point's bytes: [start, end). */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** What a walk over a canonical point found. */
export class PointParts implements Finding {
  fault: WireFault | undefined;
  hasId = false;
  /** "n:17" or "u:<lower-case uuid>"; '' when there is no usable id. */
  key = '';
  /** Set when the id is a UUID in another form than Qdrant prints; this one is sent instead. */
  rewrittenUuid: string | undefined;
  /** Whole records, tag included, that travel as they are. */
  readonly kept: Part[] = [];
  hasPayload = false;
  /** Floats of the plain vector, without tag and length. */
  plain: Part | undefined;
  vectors: Part | undefined;
  struct: Part | undefined;
}

/**
 * Walks one point. Undefined: not canonical (a decoder would have to merge, convert or drop something), so nothing is
 * said about it yet. Otherwise `parts.fault`, if set, is the final word. Throws WireFault for broken structure.
 */
export function walkPoint(
  point: Buffer,
  shape: PointShape,
  dimension: number,
  budget: ValueBudget,
): PointParts | undefined {
  const cursor = new Cursor(point);
  const parts = new PointParts();
  while (!cursor.atEnd) {
    const start = cursor.pos;
    const tag = cursor.tag();
    if (!walkRecord(cursor, tag, shape, dimension, budget, parts)) return undefined;
    if (tag !== shape.plainTag && tag !== shape.structTag && (tag !== shape.idTag || !parts.rewrittenUuid)) {
      keep(parts.kept, start, cursor.pos);
    }
  }
  if (parts.key === '') parts.fault ??= missingId();
  checkForms(parts);
  return parts;
}

function walkRecord(
  cursor: CursorType,
  tag: number,
  shape: PointShape,
  dimension: number,
  budget: ValueBudget,
  parts: PointParts,
): boolean {
  switch (tag) {
    case shape.idTag:
      return !parts.hasId && walkId(cursor, parts);
    case shape.plainTag:
      if (parts.plain !== undefined) return false;
      parts.plain = content(cursor);
      // An empty packed field is the same as none.
      if (parts.plain.start === parts.plain.end) return false;
      checkFloats(cursor.buffer, parts.plain, dimension, 'vector', parts);
      return true;
    case shape.vectorsTag:
      if (parts.vectors !== undefined) return false;
      parts.vectors = walkVectors(cursor);
      if (parts.vectors === undefined) return false;
      checkFloats(cursor.buffer, parts.vectors, dimension, 'vectors.vector.dense.data', parts);
      return true;
    case shape.payloadTag: {
      parts.hasPayload = true;
      const before = parts.fault;
      if (!walkEntry(cursor, 0, budget, parts)) return false;
      if (before === undefined) parts.fault?.within('payload');
      return true;
    }
    case shape.structTag:
      if (parts.struct !== undefined) return false;
      parts.struct = content(cursor);
      return true;
    default:
      return false;
  }
}

/** Only one form of the vector, only one form of the payload. */
function checkForms(parts: PointParts): void {
  if (parts.plain !== undefined && parts.vectors !== undefined)
    parts.fault ??= bothForms('vector', 'vectors');
  if (parts.plain === undefined && parts.vectors === undefined) parts.fault ??= missingVector();
  if (parts.hasPayload && parts.struct !== undefined) parts.fault ??= bothForms('payload', 'payload_struct');
}

function walkId(cursor: CursorType, parts: PointParts): boolean {
  parts.hasId = true;
  const outer = cursor.enter();
  if (!cursor.atEnd) {
    const tag = cursor.tag();
    if (tag === tagOf(1, WireType.varint)) parts.key = `n:${readNumber(cursor)}`;
    else if (tag === tagOf(2, WireType.bytes)) walkUuid(cursor, parts);
    else return false;
  }
  if (!cursor.atEnd) return false;
  cursor.leave(outer);
  return true;
}

function walkUuid(cursor: CursorType, parts: PointParts): void {
  const { start, end } = content(cursor);
  if (!isText(cursor.buffer, start, end)) throw malformed('is not valid UTF-8');
  const text = cursor.buffer.toString('utf8', start, end);
  const canonical = canonicalUuidOf(text);
  if (canonical === undefined) {
    parts.fault ??= uuidFault(text);
    return;
  }
  parts.key = `u:${canonical}`;
  if (canonical !== text) parts.rewrittenUuid = canonical;
}

/** Decimal digits of a varint; BigInt only beyond 2^49, where a double would round. */
function readNumber(cursor: CursorType): string {
  const start = cursor.pos;
  cursor.skipVarint();
  if (cursor.pos - start > 7) {
    cursor.pos = start;
    return cursor.varint().toString();
  }
  let value = 0;
  for (let pos = cursor.pos - 1; pos >= start; pos--) value = value * 128 + (cursor.buffer[pos]! & 0x7f);
  return String(value);
}

const vectorTag = tagOf(1, WireType.bytes);
const denseTag = tagOf(101, WireType.bytes);
const dataTag = tagOf(1, WireType.bytes);

/** The floats inside Vectors{vector{dense{data}}} or the older Vectors{vector{data}}, if there is nothing else in it. */
function walkVectors(cursor: CursorType): Part | undefined {
  const outer = cursor.enter();
  if (cursor.atEnd || cursor.tag() !== vectorTag) return undefined;
  const inVectors = cursor.enter();
  if (cursor.atEnd) return undefined;
  let tag = cursor.tag();
  let inVector: number | undefined;
  if (tag === denseTag) {
    inVector = cursor.enter();
    if (cursor.atEnd) return undefined;
    tag = cursor.tag();
  }
  if (tag !== dataTag) return undefined;
  const floats = content(cursor);
  if (!cursor.atEnd || floats.start === floats.end) return undefined;
  if (inVector !== undefined && !closes(cursor, inVector)) return undefined;
  if (!closes(cursor, inVectors)) return undefined;
  cursor.leave(outer);
  return floats;
}

/** Leaves a message; false when its parent holds more. */
function closes(cursor: CursorType, outer: number): boolean {
  cursor.leave(outer);
  return cursor.atEnd;
}

function checkFloats(buffer: Buffer, part: Part, dimension: number, field: string, finding: Finding): void {
  const bytes = part.end - part.start;
  if (bytes % 4 !== 0) throw malformed('ends in the middle of a float');
  if (finding.fault !== undefined) return;
  finding.fault = floatsFault(buffer, part, dimension, field);
}

/** Length and finiteness of packed floats. */
function floatsFault(buffer: Buffer, part: Part, dimension: number, field: string): WireFault | undefined {
  const count = (part.end - part.start) / 4;
  if (count !== dimension) return dimensionFault(count, dimension, field);
  const bad = firstNonFiniteFloat(buffer, part.start, part.end);
  return bad < 0 ? undefined : notFiniteFloat(`${field}[${bad}]`);
}

export function dimensionFault(count: number, dimension: number, field: string): WireFault {
  const description = `has ${count} floats, the collection's vector_size is ${dimension}`;
  return new WireFault('VECTOR_DIMENSION_MISMATCH', field, description);
}

export function notFiniteFloat(field: string): WireFault {
  return new WireFault('VECTOR_NOT_FINITE', field, 'is not a finite float');
}

export function missingVector(): WireFault {
  return new WireFault('VECTOR_MISSING', 'vector', 'is missing');
}

export function bothForms(one: string, other: string): WireFault {
  return new WireFault('POINT_INVALID', other, `is given besides ${one}; give one of them`);
}

function content(cursor: CursorType): Part {
  const length = cursor.length();
  const start = cursor.pos;
  cursor.skipBytes(length);
  return { start, end: start + length };
}

/** Adds a range, growing the last one when they touch. */
function keep(kept: Part[], start: number, end: number): void {
  const last = kept[kept.length - 1];
  if (last?.end === start) kept[kept.length - 1] = { start: last.start, end };
  else kept.push({ start, end });
}
