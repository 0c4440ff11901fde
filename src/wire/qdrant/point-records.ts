import { asBuffer, Cursor, tagOf, WireType } from '../cursor.js';
import { WireFault } from '../fault.js';
import { limits } from '../limits.js';

/** A request that carries points, cut in two. */
export interface PointRecords {
  /** Encoded points, views into the request. */
  readonly points: readonly Uint8Array[];
  /** All other records of the request. */
  readonly rest: Buffer;
}

// Field 3 of UpsertPoints and of UpdatePointVectors.
const pointsTag = tagOf(3, WireType.bytes);

/** Takes the points out, so that they need not be decoded. Throws LIMIT_EXCEEDED or REQUEST_MALFORMED. */
export function splitPoints(request: Uint8Array): PointRecords {
  try {
    return split(asBuffer(request));
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError() : error;
  }
}

function split(request: Buffer): PointRecords {
  const points: Buffer[] = [];
  const others: Buffer[] = [];
  const cursor = new Cursor(request);
  while (!cursor.atEnd) {
    const start = cursor.pos;
    const tag = cursor.tag();
    if (tag !== pointsTag) {
      cursor.skip(tag);
      others.push(request.subarray(start, cursor.pos));
    } else {
      const length = cursor.length();
      points.push(request.subarray(cursor.pos, cursor.pos + length));
      cursor.skipBytes(length);
    }
    if (points.length > limits.points) throw tooMany('points', limits.points);
    if (others.length > limits.elements) throw tooMany('', limits.elements);
  }
  return { points, rest: Buffer.concat(others) };
}

function tooMany(field: string, most: number): WireFault {
  return new WireFault('LIMIT_EXCEEDED', field, `has more than ${most} elements; split the request`);
}
