/** The largest finite half is 65504; from half a step above it on, values become infinite. */
const OVERFLOW = 65_520;
/** 2^-14: below it the step between halves stays the same. */
const SMALLEST_NORMAL = 2 ** -14;

/** Rounds to the nearest 16-bit float (ties to even), in place: what Qdrant keeps for datatype Float16. */
export function roundToFloat16(vector: Float32Array): void {
  for (let i = 0; i < vector.length; i++) vector[i] = rounded(vector[i] ?? 0);
}

function rounded(value: number): number {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size === 0) return value;
  if (size >= OVERFLOW) return value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  // Ten bits follow the leading one.
  const step = 2 ** (Math.floor(Math.log2(Math.max(size, SMALLEST_NORMAL))) - 10);
  const steps = size / step;
  const below = Math.floor(steps);
  const rest = steps - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  return Math.sign(value) * (below + (up ? 1 : 0)) * step;
}
