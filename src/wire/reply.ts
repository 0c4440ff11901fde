import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { GatewayError } from '../errors/index.js';
import { asBuffer, Cursor, tagOf, WireType } from './cursor.js';
import { WireFault } from './fault.js';
import { ValueBudget } from './payload-walk.js';
import { transcodeStruct } from './transcode.js';

const payloadTag = tagOf(2, WireType.bytes);
const structTag = tagOf(1001, WireType.bytes);

/** The reply with only the top-level fields listed in `fields`: the rest of Qdrant's reply is not declared by us. */
export function keepFields(reply: Uint8Array, fields: readonly number[]): Buffer {
  const source = asBuffer(reply);
  const chunks: Buffer[] = [];
  // Kept records that touch are one chunk, so a reply of 10,000 points costs no 10,000 views.
  let from = 0;
  readingReply(() => {
    const cursor = new Cursor(source);
    while (!cursor.atEnd) {
      const start = cursor.pos;
      const tag = cursor.tag();
      cursor.skip(tag);
      if (fields.includes(tag >>> 3)) continue;
      if (start > from) chunks.push(source.subarray(from, start));
      from = cursor.pos;
    }
  });
  if (from === 0) return source;
  if (from < source.length) chunks.push(source.subarray(from));
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/**
 * A reply with the payload of every point (field 2) replaced by `payload_struct`; all else stays as it is. `pointsField`
 * is 1 in Search, Query and Get, 2 in Scroll and of a group. Throws GatewayError(BACKEND_ERROR) when the reply cannot be read.
 */
export function payloadsToStruct(reply: Uint8Array, pointsField: number): Buffer {
  const source = asBuffer(reply);
  const writer = new BinaryWriter();
  const budget = new UnlimitedBudget();
  readingReply(() => {
    const cursor = new Cursor(source);
    while (!cursor.atEnd) {
      const start = cursor.pos;
      const tag = cursor.tag();
      if (tag === tagOf(pointsField, WireType.bytes)) {
        writer.uint32(tag).fork();
        rewritePoint(writer, cursor, budget);
        writer.join();
      } else {
        cursor.skip(tag);
        writer.raw(source.subarray(start, cursor.pos));
      }
    }
  });
  return asBuffer(writer.finish());
}

/** A reply with each message in the field `field` changed; all else stays as it is. Throws BACKEND_ERROR as above. */
export function mapMessages(
  reply: Uint8Array,
  field: number,
  change: (message: Buffer, index: number) => Uint8Array,
): Buffer {
  const source = asBuffer(reply);
  const writer = new BinaryWriter();
  let index = 0;
  readingReply(() => {
    const cursor = new Cursor(source);
    while (!cursor.atEnd) {
      const start = cursor.pos;
      const tag = cursor.tag();
      if (tag === tagOf(field, WireType.bytes)) {
        const length = cursor.length();
        const message = source.subarray(cursor.pos, cursor.pos + length);
        cursor.skipBytes(length);
        writer.uint32(tag).bytes(change(message, index++));
      } else {
        cursor.skip(tag);
        writer.raw(source.subarray(start, cursor.pos));
      }
    }
  });
  return asBuffer(writer.finish());
}

/** The messages in the field `field` of a message that has been scanned, in order. */
export function messagesIn(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  const cursor = new Cursor(message);
  while (!cursor.atEnd) {
    const tag = cursor.tag();
    const start = cursor.pos;
    cursor.skip(tag);
    if (tag !== tagOf(field, WireType.bytes)) continue;
    const content = new Cursor(message, start);
    content.length();
    found.push(message.subarray(content.pos, cursor.pos));
  }
  return found;
}

export function readingReply(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    throw new GatewayError('BACKEND_ERROR', 'the backend sent a reply that cannot be read', { cause: error });
  }
}

/** Replies are bounded by their size, and they are not the caller's fault. */
class UnlimitedBudget extends ValueBudget {
  override take(): void {}
}

function rewritePoint(writer: BinaryWriter, cursor: Cursor, budget: ValueBudget): void {
  const outer = cursor.enter();
  const { buffer } = cursor;
  const entries = new BinaryWriter();
  let hasEntries = false;
  while (!cursor.atEnd) {
    const start = cursor.pos;
    const tag = cursor.tag();
    const afterTag = cursor.pos;
    cursor.skip(tag);
    if (tag !== payloadTag) {
      writer.raw(buffer.subarray(start, cursor.pos));
      continue;
    }
    // The entry of field 2 becomes an entry of a Struct, whose field is 1.
    hasEntries = true;
    entries.uint32(tagOf(1, WireType.bytes)).raw(buffer.subarray(afterTag, cursor.pos));
  }
  cursor.leave(outer);
  if (!hasEntries) return;
  writer.uint32(structTag).fork();
  transcodeStruct(writer, asBuffer(entries.finish()), tagOf(1, WireType.bytes), 'toGoogle', budget);
  writer.join();
}
