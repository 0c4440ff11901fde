import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  type PointStruct,
  PointStructSchema,
  PointVectorsSchema,
  type Vector,
  type Vectors,
} from '@qdrant/js-client-grpc';
import { varintSize, writeVarint } from './assemble.js';
import { Cursor, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import type { ValueBudget } from './payload-walk.js';
import { bothForms, dimensionFault, missingVector, type PointShape, pointShape } from './point-walk.js';
import { decodeScanned, newScanCount, scanMessage } from './scan.js';

/**
 * The slow path: any legal encoding of a point, written again in the one that `walkPoint` accepts. Decoding is the
 * official package's, which merges as Qdrant does; unknown fields end here. Throws WireFault with the final word on
 * points whose structure is broken or that hold what the walk could not name.
 */
export function normalizePoint(
  point: Buffer,
  shape: PointShape,
  dimension: number,
  budget: ValueBudget,
): Buffer {
  const sizes = { official: 0, plain: 0, struct: 0, hasStruct: false };
  forEachRecord(point, shape, (part, start, end) => {
    if (part === 'struct') sizes.hasStruct = true;
    // Records cost what values cost; unpacked floats are bounded by the dimension.
    if (part !== 'plain' || end - start !== 4) budget.take(1);
    if (part !== 'unknown') sizes[part] += end - start;
  });
  const floats = sizes.plain / 4;
  if (floats > 0 && floats !== dimension) throw dimensionFault(floats, dimension, 'vector');

  const parts = {
    official: Buffer.allocUnsafe(sizes.official),
    plain: Buffer.allocUnsafe(sizes.plain),
    struct: Buffer.allocUnsafe(sizes.struct),
  };
  const filled = { official: 0, plain: 0, struct: 0 };
  forEachRecord(point, shape, (part, start, end) => {
    if (part !== 'unknown') filled[part] += point.copy(parts[part], filled[part], start, end);
  });

  const chunks: Buffer[] = [reencode(parts.official, shape, dimension, floats > 0, budget)];
  if (floats > 0) chunks.push(...record(shape.plainTag, parts.plain));
  if (sizes.hasStruct) chunks.push(...record(shape.structTag, parts.struct));
  return Buffer.concat(chunks);
}

type PartName = 'official' | 'plain' | 'struct' | 'unknown';

/** Visits every record with the part it belongs to: whole records, but of our own fields their contents. */
function forEachRecord(
  point: Buffer,
  shape: PointShape,
  visit: (part: PartName, start: number, end: number) => void,
): void {
  const cursor = new Cursor(point);
  while (!cursor.atEnd) {
    const start = cursor.pos;
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (tag === shape.plainTag || tag === shape.structTag) {
      const length = cursor.length();
      cursor.skipBytes(length);
      if (tag === shape.plainTag && length % 4 !== 0)
        throw malformed('ends in the middle of a float').within('vector');
      visit(tag === shape.plainTag ? 'plain' : 'struct', cursor.pos - length, cursor.pos);
    } else if (field === shape.plainTag >>> 3 && (tag & 7) === WireType.fixed32) {
      cursor.skipBytes(4);
      visit('plain', cursor.pos - 4, cursor.pos);
    } else {
      cursor.skip(tag);
      if (field === shape.plainTag >>> 3) throw malformed('has the wrong wire type').within('vector');
      if (field === shape.structTag >>> 3 && shape.structTag !== 0) {
        throw malformed('has the wrong wire type').within('payload_struct');
      }
      // The scan of the official message looks at wire types.
      visit(isOfficial(field, shape) ? 'official' : 'unknown', start, cursor.pos);
    }
  }
}

function isOfficial(field: number, shape: PointShape): boolean {
  return field === shape.idTag >>> 3 || field === shape.vectorsTag >>> 3 || isPayload(field, shape);
}

function isPayload(field: number, shape: PointShape): boolean {
  return shape.payloadTag !== 0 && field === shape.payloadTag >>> 3;
}

function reencode(
  official: Buffer,
  shape: PointShape,
  dimension: number,
  hasPlain: boolean,
  budget: ValueBudget,
): Buffer {
  const isPoint = shape === pointShape;
  const message = isPoint
    ? decodeChecked(PointStructSchema, official, budget)
    : decodeChecked(PointVectorsSchema, official, budget);
  if (message.vectors !== undefined) {
    if (hasPlain) throw bothForms('vector', 'vectors');
    checkVectors(message.vectors, dimension);
  }
  const bytes =
    message.$typeName === 'qdrant.PointStruct'
      ? toBinary(PointStructSchema, message, { writeUnknownFields: false })
      : toBinary(PointVectorsSchema, message, { writeUnknownFields: false });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Scans, then decodes with merging and without unknown fields. */
function decodeChecked<Desc extends DescMessage>(
  schema: Desc,
  bytes: Buffer,
  budget: ValueBudget,
): MessageShape<Desc> {
  const count = newScanCount();
  scanMessage(schema, bytes, count);
  budget.take(count.records - count.floats);
  return decodeScanned(schema, bytes);
}

/** Encodes a payload alone, from any legal encoding of its map entries (field 3). */
export function normalizePayload(entries: Buffer, budget: ValueBudget): Buffer {
  const message: PointStruct = decodeChecked(PointStructSchema, entries, budget);
  const bytes = toBinary(PointStructSchema, message, { writeUnknownFields: false });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws unless it is one dense vector of the right length, in one form. */
function checkVectors(vectors: Vectors, dimension: number): void {
  const options = vectors.vectorsOptions;
  if (options.case === undefined) throw missingVector();
  if (options.case === 'vectors') throw unsupported('vectors.vectors');
  const vector = options.value;
  const field = unsupportedPart(vector);
  if (field !== undefined) throw unsupported(`vectors.vector.${field}`);
  const dense = vector.vector.case === 'dense' ? vector.vector.value.data : undefined;
  if (dense !== undefined && vector.data.length > 0)
    throw bothForms('vectors.vector.data', 'vectors.vector.dense');
  const data = dense ?? vector.data;
  if (dense === undefined && data.length === 0) throw missingVector();
  if (data.length !== dimension) throw dimensionFault(data.length, dimension, 'vectors.vector.dense.data');
}

function unsupportedPart(vector: Vector): string | undefined {
  if (vector.indices !== undefined) return 'indices';
  if (vector.vectorsCount !== undefined) return 'vectors_count';
  switch (vector.vector.case) {
    case 'multiDense':
      return 'multi_dense';
    case 'dense':
    case undefined:
      return undefined;
    default:
      return vector.vector.case;
  }
}

function unsupported(field: string): WireFault {
  return new WireFault('FIELD_UNSUPPORTED', field, 'is not supported: a point has one dense vector');
}

function record(tag: number, content: Buffer): Buffer[] {
  const head = Buffer.alloc(varintSize(tag) + varintSize(content.length));
  writeVarint(head, content.length, writeVarint(head, tag, 0));
  return [head, content];
}
