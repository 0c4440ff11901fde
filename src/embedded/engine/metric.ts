import { Distance } from '@qdrant/js-client-grpc';
import type { Kernel, ScanFunction } from '../kernel/kernel.js';

/** How two vectors are compared. `score` turns the kernel's number into the one Qdrant reports. */
export interface Metric {
  readonly ascending: boolean;
  readonly normalise: boolean;
  readonly scan: (kernel: Kernel) => ScanFunction;
  readonly score: (raw: number) => number;
}

const same = (raw: number) => raw;
/** f32, like every score: thresholds are compared with what is reported. */
const root = (raw: number) => Math.fround(Math.sqrt(raw));

const METRICS = new Map<Distance, Metric>([
  // Cosine vectors are stored normalised, as Qdrant does: the dot product is the cosine.
  [Distance.Cosine, { ascending: false, normalise: true, scan: (kernel) => kernel.dot, score: same }],
  [Distance.Dot, { ascending: false, normalise: false, scan: (kernel) => kernel.dot, score: same }],
  [
    Distance.Euclid,
    { ascending: true, normalise: false, scan: (kernel) => kernel.squaredEuclid, score: root },
  ],
  [
    Distance.Manhattan,
    { ascending: true, normalise: false, scan: (kernel) => kernel.manhattan, score: same },
  ],
]);

export function metricOf(distance: Distance): Metric {
  const metric = METRICS.get(distance);
  if (!metric) throw new Error(`no metric for distance ${distance}`);
  return metric;
}

/** Below this squared length Qdrant leaves a vector as it is; at or above f32's range it overflows to zero. */
const TINY = 1.1920929e-7;

/** Scales to length 1 in place, with the corner cases of Qdrant (BEHAVIOUR 6). */
export function normalise(vector: Float32Array): void {
  let sum = 0;
  for (const x of vector) sum += x * x;
  if (Math.fround(sum) < TINY) return;
  const length = Math.fround(Math.sqrt(Math.fround(sum)));
  if (Math.abs(length - 1) <= TINY) return;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
}
