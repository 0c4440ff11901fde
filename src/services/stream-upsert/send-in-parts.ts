import { GatewayError, type Reason } from '../../errors/index.js';
import type { RejectedPoint } from '../../wire/index.js';
import type { BatchEntry } from './batch.js';

/**
 * Sends points in one write, and where the backend refuses it, in halves, until what it refuses stands alone: that
 * point is told to `onRefused` by its index in the stream, and all others are stored. Throws any other failure.
 */
export async function sendInParts(
  entries: readonly BatchEntry[],
  send: (part: readonly BatchEntry[]) => Promise<void>,
  onRefused: (point: RejectedPoint) => void,
): Promise<void> {
  try {
    await send(entries);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      onRefused(refusedPoint(only, error));
      return;
    }
    // One after the other: in which order parts arrive is of no matter, but their number at a time is bounded.
    const half = entries.length >> 1;
    await sendInParts(entries.slice(0, half), send, onRefused);
    await sendInParts(entries.slice(half), send, onRefused);
  }
}

/** What the backend says of the write itself, and would say again. */
const refusals: ReadonlySet<Reason> = new Set([
  'BACKEND_REJECTED',
  'MESSAGE_TOO_LARGE',
  'VECTOR_DIMENSION_MISMATCH',
]);

function isRefusal(error: unknown): error is GatewayError {
  return error instanceof GatewayError && !error.indeterminate && refusals.has(error.reason);
}

function refusedPoint({ point, index }: BatchEntry, { reason, message }: GatewayError): RejectedPoint {
  const text = point.key.slice(2);
  const id = point.key.startsWith('n:') ? { num: BigInt(text) } : { uuid: text };
  return { index, id, reason, field: '', message };
}
