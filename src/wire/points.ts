import type { Reason } from '../errors/index.js';
import { assemblePoint, varintSize, writeVarint } from './assemble.js';
import { asBuffer, Cursor, tagOf, WireType } from './cursor.js';
import { excerpt, WireFault } from './fault.js';
import type { MessageBody } from './message-body.js';
import { ValueBudget } from './payload-walk.js';
import { normalizePoint } from './point-normalize.js';
import { type PointParts, type PointShape, pointShape, pointVectorsShape, walkPoint } from './point-walk.js';

export interface CheckedPoint {
  /** Position in the message. */
  readonly index: number;
  /** Canonical id: "n:17" or "u:<lower-case uuid>". */
  readonly key: string;
  /** Encoded qdrant.PointStruct (or PointVectors), ready to splice. May share the caller's buffer. */
  readonly bytes: Uint8Array;
  readonly encodedBytes: number;
}

export interface RejectedPoint {
  readonly index: number;
  /** The id, where it could be read. */
  readonly id: { readonly num: bigint } | { readonly uuid: string } | undefined;
  readonly reason: Reason;
  /** Path within the point: "vector[3]", "payload.title"; '' means the point as a whole. */
  readonly field: string;
  readonly message: string;
}

export interface CheckResult {
  checked: CheckedPoint[];
  rejected: RejectedPoint[];
}

/**
 * Checks encoded Points and makes qdrant.PointStructs of them. A bad point is listed and leaves its neighbours alone.
 * Throws GatewayError(LIMIT_EXCEEDED) only when the message holds too many payload values.
 */
export function checkPoints(points: readonly Uint8Array[], dimension: number): CheckResult {
  return checkAll(points, pointShape, dimension);
}

/** The same for PointVectors and qdrant.PointVectors. */
export function checkPointVectors(points: readonly Uint8Array[], dimension: number): CheckResult {
  return checkAll(points, pointVectorsShape, dimension);
}

function checkAll(points: readonly Uint8Array[], shape: PointShape, dimension: number): CheckResult {
  const checked: CheckedPoint[] = [];
  const rejected: RejectedPoint[] = [];
  const budget = new ValueBudget();
  points.forEach((bytes, index) => {
    const point = asBuffer(bytes);
    try {
      const sent = checkOne(point, shape, dimension, budget);
      checked.push({ index, key: sent.key, bytes: sent.bytes, encodedBytes: sent.bytes.length });
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      rejected.push(rejection(index, point, error));
    }
  });
  return { checked, rejected };
}

function checkOne(
  point: Buffer,
  shape: PointShape,
  dimension: number,
  budget: ValueBudget,
): { key: string; bytes: Buffer } {
  let source = point;
  let parts = tryWalk(point, shape, dimension, budget);
  if (parts === undefined) {
    source = normalizePoint(point, shape, dimension, budget);
    parts = walkPoint(source, shape, dimension, budget);
    // Its input was written by us a line ago; only what has no id and no vector at all gets here.
    if (parts === undefined) throw new WireFault('POINT_INVALID', '', 'cannot be read as a point');
  }
  if (parts.fault !== undefined) throw parts.fault;
  return { key: parts.key, bytes: assemblePoint(source, parts, shape, budget) };
}

/** Broken structure is no final word here: the slow path names the field, and decides the odd encodings. */
function tryWalk(
  point: Buffer,
  shape: PointShape,
  dimension: number,
  budget: ValueBudget,
): PointParts | undefined {
  try {
    return walkPoint(point, shape, dimension, budget);
  } catch (error) {
    if (error instanceof WireFault) return undefined;
    throw error;
  }
}

function rejection(index: number, point: Buffer, fault: WireFault): RejectedPoint {
  return {
    index,
    id: readId(point),
    reason: reasonOf(fault),
    field: fault.field,
    message: fault.description,
  };
}

/** Of one point it is the point that is malformed, not the request. */
function reasonOf({ reason, field }: WireFault): Reason {
  if (reason !== 'REQUEST_MALFORMED' && reason !== 'LIMIT_EXCEEDED') return reason;
  return field.startsWith('payload') ? 'PAYLOAD_INVALID' : 'POINT_INVALID';
}

/** Best effort: the last id that can be read from a point that was refused. */
function readId(point: Buffer): RejectedPoint['id'] {
  let id: RejectedPoint['id'];
  try {
    const cursor = new Cursor(point);
    while (!cursor.atEnd) {
      const tag = cursor.tag();
      if (tag !== pointShape.idTag) {
        cursor.skip(tag);
        continue;
      }
      const outer = cursor.enter();
      while (!cursor.atEnd) id = readIdField(cursor) ?? id;
      cursor.leave(outer);
    }
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
  }
  return id;
}

function readIdField(cursor: Cursor): RejectedPoint['id'] {
  const tag = cursor.tag();
  if (tag === tagOf(1, WireType.varint)) return { num: cursor.varint() };
  const start = cursor.pos;
  cursor.skip(tag);
  if (tag !== tagOf(2, WireType.bytes)) return undefined;
  const text = new Cursor(cursor.buffer, start, cursor.pos);
  const length = text.length();
  return { uuid: excerpt(cursor.buffer.toString('utf8', text.pos, text.pos + length)) };
}

const bodyTags = {
  wait: tagOf(2, WireType.varint),
  points: tagOf(3, WireType.bytes),
  ordering: tagOf(4, WireType.bytes),
};

/** Body of qdrant.UpsertPoints or UpdatePointVectors without collection_name, which the backend adds. */
export function encodePointsBody(
  points: readonly CheckedPoint[],
  options: { wait: boolean; ordering: Uint8Array | undefined },
): MessageBody {
  const { ordering } = options;
  const head = Buffer.alloc(
    2 + (ordering === undefined ? 0 : 1 + varintSize(ordering.length) + ordering.length),
  );
  head[0] = bodyTags.wait;
  head[1] = options.wait ? 1 : 0;
  if (ordering !== undefined) writeRecord(head, bodyTags.ordering, ordering, 2);
  return appendPoints(head, points);
}

/** An encoded request without points, and these behind it. */
export function appendPoints(head: Uint8Array, points: readonly CheckedPoint[]): MessageBody {
  let size = head.length;
  for (const { bytes } of points) size += 1 + varintSize(bytes.length) + bytes.length;
  return {
    length: size,
    copy: (target, at) => {
      target.set(head, at);
      let pos = at + head.length;
      for (const { bytes } of points) pos = writeRecord(target, bodyTags.points, bytes, pos);
    },
  };
}

function writeRecord(target: Buffer, tag: number, content: Uint8Array, start: number): number {
  const pos = writeVarint(target, content.length, writeVarint(target, tag, start));
  target.set(content, pos);
  return pos + content.length;
}
