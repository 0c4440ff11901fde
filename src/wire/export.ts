import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { asBuffer, Cursor, tagOf, WireType } from './cursor.js';
import { readingReply } from './reply.js';

const resultTag = tagOf(2, WireType.bytes);
const nextOffsetTag = tagOf(1, WireType.bytes);
const pointTag = tagOf(3, WireType.bytes);
const idTag = tagOf(1, WireType.bytes);
const shownPayloadTag = tagOf(2, WireType.bytes);
const givenPayloadTag = tagOf(3, WireType.bytes);
const vectorsTag = tagOf(4, WireType.bytes);
const structTag = tagOf(1001, WireType.bytes);

/** A page of points as they are given for storing, and where the next one begins. */
export interface ExportedPage {
  /** Encoded entries of field 3, `repeated Point points`. */
  readonly points: Buffer;
  readonly count: number;
  /** An encoded PointId; undefined after the last page. */
  readonly next: Buffer | undefined;
}

/**
 * Turns a ScrollResponse (payloads as Qdrant's or as structs) into points of the public form. Qdrant shows a point in
 * fields of other numbers than it takes it in: only the tags change, vectors and values stay the bytes they are.
 * Throws GatewayError(BACKEND_ERROR) when the reply cannot be read.
 */
export function exportedPage(reply: Uint8Array): ExportedPage {
  const writer = new BinaryWriter();
  let count = 0;
  let next: Buffer | undefined;
  readingReply(() => {
    const cursor = new Cursor(asBuffer(reply));
    while (!cursor.atEnd) {
      const tag = cursor.tag();
      if (tag === resultTag) {
        writer.uint32(pointTag).fork();
        rewritePoint(writer, cursor);
        writer.join();
        count += 1;
      } else if (tag === nextOffsetTag) {
        const length = cursor.length();
        next = cursor.buffer.subarray(cursor.pos, cursor.pos + length);
        cursor.skipBytes(length);
      } else cursor.skip(tag);
    }
  });
  return { points: asBuffer(writer.finish()), count, next };
}

function rewritePoint(writer: BinaryWriter, cursor: Cursor): void {
  const outer = cursor.enter();
  while (!cursor.atEnd) {
    const start = cursor.pos;
    const tag = cursor.tag();
    const afterTag = cursor.pos;
    cursor.skip(tag);
    if (tag === shownPayloadTag) {
      writer.uint32(givenPayloadTag).raw(cursor.buffer.subarray(afterTag, cursor.pos));
    } else if (tag === idTag || tag === vectorsTag || tag === structTag) {
      writer.raw(cursor.buffer.subarray(start, cursor.pos));
    }
  }
  cursor.leave(outer);
}
