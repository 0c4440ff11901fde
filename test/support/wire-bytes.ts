/** Writing and reading protobuf by hand, for requests that no generated client would send. */

export interface WireField {
  readonly field: number;
  readonly wireType: number;
  /** The encoded field, tag included. */
  readonly bytes: Buffer;
}

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if (rest === 0n) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}

/** A length-delimited field: a string, bytes, or a message. */
export function lengthField(field: number, value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

export function varintField(field: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

/** The top-level fields of a message. Throws RangeError when it is not well formed. */
export function fieldsOf(message: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  const source = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = source[at++];
      if (byte === undefined) throw new RangeError('the message ends inside a varint');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint has more than 10 bytes');
  };
  while (at < source.length) {
    const start = at;
    const tag = readVarint();
    const wireType = tag % 8;
    if (wireType === 0) readVarint();
    else if (wireType === 1) at += 8;
    else if (wireType === 2) {
      // In a statement of its own: `at +=` would add to the position from before the length was read.
      const length = readVarint();
      at += length;
    } else if (wireType === 5) at += 4;
    else throw new RangeError(`wire type ${wireType}`);
    if (at > source.length) throw new RangeError('the message ends inside a field');
    fields.push({ field: Math.floor(tag / 8), wireType, bytes: source.subarray(start, at) });
  }
  return fields;
}

/** The message with nothing but these fields. */
export function onlyFields(message: Uint8Array, kept: readonly number[]): Buffer {
  return Buffer.concat(
    fieldsOf(message).flatMap(({ field, bytes }) => (kept.includes(field) ? [bytes] : [])),
  );
}
