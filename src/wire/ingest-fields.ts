import { asBuffer, Cursor, isText, WireType } from './cursor.js';

/** What an ingest message has beside the points and their envelope. */
export interface IngestFields {
  readonly sequence: bigint;
  readonly session: string | undefined;
}

const sequenceField = 1002;
const sessionField = 1003;

/** Reads them from a message whose structure readPointsEnvelope() has found sound; undefined: not as declared. */
export function readIngestFields(message: Uint8Array): IngestFields | undefined {
  const source = asBuffer(message);
  const cursor = new Cursor(source);
  let sequence = 0n;
  let session: string | undefined;
  while (!cursor.atEnd) {
    const tag = cursor.tag();
    const number = tag >>> 3;
    if (number === sequenceField) {
      if ((tag & 7) !== WireType.varint) return undefined;
      sequence = cursor.varint();
    } else if (number === sessionField) {
      if ((tag & 7) !== WireType.bytes) return undefined;
      const length = cursor.length();
      if (!isText(source, cursor.pos, cursor.pos + length)) return undefined;
      session = source.toString('utf8', cursor.pos, cursor.pos + length);
      cursor.skipBytes(length);
    } else cursor.skip(tag);
  }
  return { sequence, session };
}
