/** What the header of a .npy file says of the numbers behind it. */
export interface NpyShape {
  readonly rows: number;
  readonly dimension: number;
  readonly type: 'f2' | 'f4' | 'f8';
  readonly bytesPerNumber: number;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');
export const preludeBytes = 12;

/** Bytes up to the numbers, told by the first 12 of the file. Throws TypeError when it is no .npy file. */
export function headerBytesOf(prelude: Buffer): number {
  if (!prelude.subarray(0, magic.length).equals(magic))
    throw new TypeError('it does not begin as a .npy file does');
  const version = prelude[6] ?? 0;
  if (version === 1) return 10 + prelude.readUInt16LE(8);
  if (version === 2 || version === 3) return 12 + prelude.readUInt32LE(8);
  throw new TypeError(`version ${version} of the .npy format is not known`);
}

/** Reads the header, a dictionary of Python. Throws TypeError, which says what is read instead. */
export function shapeOf(header: string): NpyShape {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw new TypeError('its header names no descr, fortran_order and shape');
  }
  const type = /^<(f2|f4|f8)$/.exec(descr)?.[1];
  if (type !== 'f2' && type !== 'f4' && type !== 'f8') {
    throw new TypeError(
      `its numbers are "${descr}"; "<f4", "<f8" and "<f2" are read (array.astype("<f4") makes them)`,
    );
  }
  if (order === 'True')
    throw new TypeError('it is in Fortran order; numpy.ascontiguousarray() puts it right');
  const sizes = shape
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '');
  const [rows, dimension] = sizes.map(Number);
  if (sizes.length !== 2 || rows === undefined || dimension === undefined || dimension < 1) {
    throw new TypeError(`its shape is (${shape.trim()}); a matrix (rows, dimension) is read`);
  }
  return { rows, dimension, type, bytesPerNumber: Number(type[1]) };
}

/** `dimension` numbers from their bytes, in 32 bits. */
export function floatsOf(bytes: Buffer, { dimension, type }: NpyShape): Float32Array {
  const floats = new Float32Array(dimension);
  for (let index = 0; index < dimension; index += 1) {
    if (type === 'f4') floats[index] = bytes.readFloatLE(index * 4);
    else if (type === 'f8') floats[index] = bytes.readDoubleLE(index * 8);
    else floats[index] = halfFloat(bytes.readUInt16LE(index * 2));
  }
  return floats;
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
