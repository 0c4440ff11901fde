import { toBinary } from '@bufbuild/protobuf';
import { UpsertPointsSchema, WriteOrderingSchema } from '@qdrant/js-client-grpc';
import { fieldError } from '../errors/index.js';
import { asBuffer, Cursor, isText, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import { limits } from './limits.js';
import { decodeScanned, scanMessage } from './scan.js';

/** What surrounds the points of an upsert, a stream message or an UpdateVectors. */
export interface PointsEnvelope {
  /** Undefined when the field is absent; its form is the caller's to check. */
  readonly collection: string | undefined;
  readonly wait: boolean | undefined;
  /** An encoded qdrant.WriteOrdering. */
  readonly ordering: Uint8Array | undefined;
  readonly allowPartial: boolean;
  /** Encoded points, views into the message. */
  readonly points: readonly Uint8Array[];
}

const field = { collection: 1, wait: 2, points: 3, ordering: 4, allowPartial: 1001 } as const;

const wireTypes: ReadonlyMap<number, number> = new Map([
  [field.collection, WireType.bytes],
  [field.wait, WireType.varint],
  [field.points, WireType.bytes],
  [field.ordering, WireType.bytes],
  [field.allowPartial, WireType.varint],
]);

/**
 * Reads what surrounds the points. They are counted on the bytes before anything is made of them: a message of nothing
 * but empty points costs one pass up to the limit. Throws GatewayError(LIMIT_EXCEEDED | REQUEST_MALFORMED |
 * COLLECTION_NAME_INVALID | FIELD_INVALID | FIELD_UNSUPPORTED).
 */
export function readPointsEnvelope(message: Uint8Array): PointsEnvelope {
  try {
    return readEnvelope(asBuffer(message));
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError() : error;
  }
}

function readEnvelope(message: Buffer): PointsEnvelope {
  countPoints(message);
  let collection: string | undefined;
  let wait: boolean | undefined;
  let allowPartial = false;
  const points: Buffer[] = [];
  const ordering: Buffer[] = [];
  const cursor = new Cursor(message);
  while (!cursor.atEnd) {
    const tag = cursor.tag();
    const number = tag >>> 3;
    if (!wireTypes.has(number)) {
      refuseUndeclared(number);
      cursor.skip(tag);
    } else if ((tag & 7) === WireType.varint) {
      const value = cursor.varint() !== 0n;
      if (number === field.wait) wait = value;
      else allowPartial = value;
    } else {
      const length = cursor.length();
      const content = message.subarray(cursor.pos, cursor.pos + length);
      cursor.skipBytes(length);
      if (number === field.points) points.push(content);
      else if (number === field.collection) collection = readName(content);
      else ordering.push(content);
    }
  }
  return { collection, wait, allowPartial, points, ordering: readOrdering(ordering) };
}

/** The first pass: structure, wire types, and how many points there are. */
function countPoints(message: Buffer): void {
  const cursor = new Cursor(message);
  let points = 0;
  let others = 0;
  while (!cursor.atEnd) {
    const tag = cursor.tag();
    const expected = wireTypes.get(tag >>> 3);
    if (expected !== undefined && expected !== (tag & 7)) {
      throw malformed(`has the wrong wire type in field ${tag >>> 3}`);
    }
    cursor.skip(tag);
    if (tag >>> 3 === field.points) points++;
    else others++;
    if (points > limits.points) throw tooMany('points', `holds more than ${limits.points} points; split it`);
    if (others > limits.elements)
      throw tooMany('', `holds more than ${limits.elements} fields besides points`);
  }
}

function tooMany(path: string, description: string): WireFault {
  return new WireFault('LIMIT_EXCEEDED', path, description);
}

function readName(content: Buffer): string {
  if (!isText(content, 0, content.length)) {
    throw fieldError('COLLECTION_NAME_INVALID', 'collection', 'is not valid UTF-8');
  }
  return content.toString('utf8');
}

/** Qdrant's own fields that this API does not declare are refused by name; fields nobody knows end here. */
function refuseUndeclared(number: number): void {
  const official = UpsertPointsSchema.fields.find((candidate) => candidate.number === number);
  if (official === undefined) return;
  throw fieldError('FIELD_UNSUPPORTED', official.name, 'is not supported by this gateway');
}

function readOrdering(chunks: readonly Buffer[]): Uint8Array | undefined {
  if (chunks.length === 0) return undefined;
  const joined = Buffer.concat(chunks);
  try {
    scanMessage(WriteOrderingSchema, joined);
  } catch (error) {
    throw error instanceof WireFault ? error.within('ordering') : error;
  }
  return toBinary(WriteOrderingSchema, decodeScanned(WriteOrderingSchema, joined));
}
