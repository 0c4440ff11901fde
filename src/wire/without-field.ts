import { varintSize, writeVarint } from './assemble.js';
import { asBuffer, Cursor, tagOf, WireType } from './cursor.js';
import { WireFault } from './fault.js';

/**
 * A message without the field at the end of a path of message fields: what may be large, and is not needed, need not
 * be decoded. Throws GatewayError(REQUEST_MALFORMED) for bytes that are no message.
 */
export function withoutField(message: Uint8Array, path: readonly [number, ...number[]]): Buffer {
  try {
    return without(asBuffer(message), path);
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError() : error;
  }
}

/** The head of a record: its tag and the length of what follows. */
function headOf(tag: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(varintSize(tag) + varintSize(length));
  writeVarint(head, length, writeVarint(head, tag, 0));
  return head;
}

function without(message: Buffer, [number, ...inner]: readonly number[]): Buffer {
  if (number === undefined) return Buffer.alloc(0);
  const wanted = tagOf(number, WireType.bytes);
  const cursor = new Cursor(message);
  const kept: Buffer[] = [];
  while (!cursor.atEnd) {
    const start = cursor.pos;
    const tag = cursor.tag();
    if (tag !== wanted) {
      cursor.skip(tag);
      kept.push(message.subarray(start, cursor.pos));
      continue;
    }
    const length = cursor.length();
    const body = message.subarray(cursor.pos, cursor.pos + length);
    cursor.skipBytes(length);
    if (inner.length === 0) continue;
    const rest = without(body, inner);
    kept.push(headOf(tag, rest.length), rest);
  }
  return Buffer.concat(kept);
}
