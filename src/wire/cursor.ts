import { isUtf8 } from 'node:buffer';
import { malformed } from './fault.js';
import { limits } from './limits.js';

export const WireType = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** The tag of a field: number and wire type. */
export function tagOf(field: number, wireType: number): number {
  return field * 8 + wireType;
}

/**
 * Reads protobuf records of `buffer` between `pos` and `end`. Stricter than any decoder it stands in front of: nothing
 * may reach beyond the enclosing message, a tag or length has at most 5 bytes and fits 32 bits, a varint at most 10 and
 * fits 64. Throws WireFault(REQUEST_MALFORMED).
 */
export class Cursor {
  readonly buffer: Buffer;
  pos: number;
  end: number;

  constructor(buffer: Buffer, pos = 0, end = buffer.length) {
    this.buffer = buffer;
    this.pos = pos;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  tag(): number {
    const tag = this.#uint32();
    if (tag < 8 || (tag & 7) > 5) throw malformed('holds an illegal tag');
    return tag;
  }

  /** Reads a length and checks that so many bytes are there. */
  length(): number {
    const length = this.#uint32();
    if (length > this.end - this.pos) throw malformed('ends in the middle of a field');
    return length;
  }

  /** Narrows to the message that begins here with its length; `leave` takes the value returned. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.pos = this.end;
    this.end = outer;
  }

  skipVarint(): void {
    const { buffer, end } = this;
    let pos = this.pos;
    const last = pos + 9;
    for (;;) {
      if (pos >= end) throw malformed('ends in the middle of a number');
      const byte = buffer[pos++]!;
      if (pos > last && byte > 1) throw malformed('holds a number of more than 64 bits');
      if (byte < 0x80) break;
    }
    this.pos = pos;
  }

  varint(): bigint {
    const start = this.pos;
    this.skipVarint();
    let value = 0n;
    for (let pos = this.pos - 1; pos >= start; pos--)
      value = (value << 7n) | BigInt(this.buffer[pos]! & 0x7f);
    return value;
  }

  skipBytes(count: number): void {
    if (count > this.end - this.pos) throw malformed('ends in the middle of a field');
    this.pos += count;
  }

  /** Skips what follows the tag of a record, groups too. */
  skip(tag: number, depth = 0): void {
    switch (tag & 7) {
      case WireType.varint:
        this.skipVarint();
        return;
      case WireType.fixed64:
        this.skipBytes(8);
        return;
      case WireType.bytes:
        this.skipBytes(this.length());
        return;
      case WireType.fixed32:
        this.skipBytes(4);
        return;
      case WireType.startGroup:
        this.#skipGroup(tag, depth);
        return;
      default:
        throw malformed('ends a group that was not begun');
    }
  }

  #skipGroup(startTag: number, depth: number): void {
    if (depth >= limits.messageDepth) throw malformed(`nests groups deeper than ${limits.messageDepth}`);
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== WireType.endGroup) {
        this.skip(tag, depth + 1);
      } else if (tag >>> 3 === startTag >>> 3) {
        return;
      } else {
        throw malformed('ends a group that was not begun');
      }
    }
  }

  #uint32(): number {
    const { buffer } = this;
    let pos = this.pos;
    let value = 0;
    // Multiplication, not shifts: the fifth byte would reach the sign bit.
    for (let factor = 1, count = 0; count < 5; factor *= 128, count++) {
      if (pos >= this.end) throw malformed('ends in the middle of a field');
      const byte = buffer[pos++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        this.pos = pos;
        return value;
      }
    }
    throw malformed('holds a tag or length of more than 32 bits');
  }
}

/** Sees the bytes as a Buffer without copying them. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether the bytes are valid UTF-8. Short ASCII, which is nearly everything, is decided without a view object. */
export function isText(buffer: Buffer, start: number, end: number): boolean {
  if (end - start <= 64) {
    let pos = start;
    while (pos < end && buffer[pos]! < 0x80) pos++;
    if (pos === end) return true;
  }
  return isUtf8(buffer.subarray(start, end));
}

/** Position (counted in floats) of the first NaN or infinity among little-endian 32-bit floats, or -1. */
export function firstNonFiniteFloat(buffer: Buffer, start: number, end: number): number {
  // A float is finite unless its 8 exponent bits are all set; two bytes tell, at any alignment.
  for (let pos = start + 3; pos < end; pos += 4) {
    if ((buffer[pos]! & 0x7f) === 0x7f && buffer[pos - 1]! >= 0x80) return (pos - start - 3) / 4;
  }
  return -1;
}

/** Whether the 64-bit little-endian double at `pos` is neither NaN nor an infinity. */
export function isFiniteDouble(buffer: Buffer, pos: number): boolean {
  return (buffer[pos + 7]! & 0x7f) !== 0x7f || buffer[pos + 6]! < 0xf0;
}
