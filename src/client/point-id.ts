import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { PointId as WirePointId } from '../gen/vectorgateway/v1/point_id.js';

/** An id as the gateway gives it: an unsigned 64-bit number, or a UUID. */
export type PointId = bigint | string;

/** An id as it may be given: a number must be a safe integer, a string a UUID. */
export type PointIdInput = PointId | number;

const maxNumber = 2n ** 64n - 1n;

/** Throws TypeError for what would not be the id that was meant. */
export function toWireId(id: PointIdInput): WirePointId {
  if (typeof id === 'string') return { pointIdOptions: { $case: 'uuid', value: id } };
  return { pointIdOptions: { $case: 'num', value: numberOf(id) } };
}

export function fromWireId(id: WirePointId | undefined): PointId | undefined {
  return id?.pointIdOptions?.value;
}

/** Writes a PointId message without its tag and length. */
export function writeId(writer: BinaryWriter, id: PointIdInput): void {
  if (typeof id === 'string') writer.uint32(18).string(id);
  else writer.uint32(8).uint64(numberOf(id));
}

function numberOf(id: unknown): bigint {
  if (typeof id === 'bigint') {
    if (id >= 0n && id <= maxNumber) return id;
    throw new TypeError(`id: ${id} does not fit an unsigned 64-bit number`);
  }
  if (typeof id !== 'number') {
    throw new TypeError(`id: must be a bigint, a number or a UUID, not ${id === null ? 'null' : typeof id}`);
  }
  // Beyond 2^53 a number stands for several ids.
  if (Number.isSafeInteger(id) && id >= 0) return BigInt(id);
  throw new TypeError(`id: ${id} is not an integer from 0 to 2^53 - 1; give larger ones as a bigint`);
}
