import { endianness } from 'node:os';
import { types } from 'node:util';
import { BinaryReader, type BinaryWriter } from '@bufbuild/protobuf/wire';

/** Numbers that are no Float32Array are rounded to 32 bits. */
export type VectorInput = Float32Array | readonly number[];

const isBigEndian = endianness() === 'BE';

/** Writes a vector as the packed floats of `field`: a Float32Array by its memory. */
export function writeVector(writer: BinaryWriter, field: number, vector: VectorInput): void {
  writer.uint32(field * 8 + 2).bytes(littleEndianBytes(floatsOf(vector)));
}

function floatsOf(vector: VectorInput): Float32Array {
  if (isFloat32Array(vector)) return vector;
  if (!Array.isArray(vector)) throw new TypeError('vector: must be a Float32Array or an array of numbers');
  const wrong = vector.findIndex((value) => typeof value !== 'number');
  if (wrong >= 0) throw new TypeError(`vector[${wrong}]: is not a number`);
  return Float32Array.from(vector);
}

// One of another realm, a worker's or a vm's, is one all the same.
function isFloat32Array(vector: VectorInput): vector is Float32Array {
  return types.isFloat32Array(vector);
}

function littleEndianBytes(floats: Float32Array): Uint8Array {
  const bytes = Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
  return isBigEndian ? Buffer.from(bytes).swap32() : bytes;
}

/**
 * Reads a VectorsOutput, a Vectors, or any message below it that leads to one dense vector; undefined for vectors with
 * names, and for none.
 */
export function readVectors(bytes: Uint8Array): Float32Array | undefined {
  const chunks: Uint8Array[] = [];
  collect(bytes, 'vectors', chunks);
  return chunks.length === 0 ? undefined : floatsFrom(chunks);
}

/** Floats from their bytes on the wire, which lie there at any alignment. */
export function floatsFrom(chunks: readonly Uint8Array[]): Float32Array {
  const floats = new Float32Array(chunks.reduce((sum, { length }) => sum + length, 0) / 4);
  const target = Buffer.from(floats.buffer);
  let filled = 0;
  for (const chunk of chunks) {
    target.set(chunk, filled);
    filled += chunk.length;
  }
  if (isBigEndian) target.swap32();
  return floats;
}

// vectors: field 1 is a vector. vector: field 1 is the older form of the floats, field 101 the dense vector, whose
// field 1 is the floats.
function collect(bytes: Uint8Array, level: 'vectors' | 'vector' | 'dense', chunks: Uint8Array[]): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) {
      if (level === 'vectors') collect(reader.bytes(), 'vector', chunks);
      else chunks.push(reader.bytes());
    } else if (tag === 810 && level === 'vector') collect(reader.bytes(), 'dense', chunks);
    else if (tag === 13 && level !== 'vectors') chunks.push(reader.skip(tag & 7));
    else reader.skip(tag & 7);
  }
}
