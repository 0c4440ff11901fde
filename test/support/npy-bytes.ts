/** A .npy file, version 1, as numpy.save writes it. */
export function npyBytes(
  type: '<f2' | '<f4' | '<f8',
  rows: readonly (readonly number[])[],
  order = "'fortran_order': False",
): Buffer {
  const shape = `(${rows.length}, ${rows[0]?.length ?? 0})`;
  const header = `{'descr': '${type}', ${order}, 'shape': ${shape}, }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.from('\x93NUMPY\x01\x00..', 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([
    head,
    Buffer.from(padded, 'latin1'),
    ...rows.flat().map((value) => numberBytes(type, value)),
  ]);
}

function numberBytes(type: string, value: number): Buffer {
  const bytes = Buffer.alloc(Number(type.slice(2)));
  if (type === '<f8') bytes.writeDoubleLE(value);
  else if (type === '<f4') bytes.writeFloatLE(value);
  else bytes.writeUInt16LE(halfBits(value));
  return bytes;
}

/** The bits of a normal number that 16 bits can hold. */
export function halfBits(value: number): number {
  if (value === 0) return Object.is(value, -0) ? 0x8000 : 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}
