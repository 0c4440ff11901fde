/** Throws TypeError for a number that does not stand for exactly one unsigned integer. */
export function whole(name: string, value: number): bigint {
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new TypeError(`${name}: must be an integer from 0, not ${value}`);
}
