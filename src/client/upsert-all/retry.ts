import { Code } from '../../errors/index.js';
import type { VectorGatewayError } from '../client-error.js';
import type { ReconnectOptions } from '../reconnect.js';

// The gateway stops, or the backend is away; a connection was cut; a stream was idle, or a write was not confirmed:
// what is not settled may be sent again, and then may succeed.
const passing = new Set<number>([Code.UNAVAILABLE, Code.CANCELLED, Code.ABORTED, Code.DEADLINE_EXCEEDED]);
// Statuses that a broken connection is given too; the gateway's own have a reason.
const ofTransport = new Set<number>([Code.INTERNAL, Code.UNKNOWN]);
const passingReasons = new Set(['RATE_LIMITED', 'OVERLOADED']);

/** Whether another stream may succeed where this one failed. */
export function isPassing({ code, reason }: VectorGatewayError): boolean {
  if (reason !== undefined && passingReasons.has(reason)) return true;
  return passing.has(code) || (reason === undefined && ofTransport.has(code));
}

/** How long to wait before stream `attempt` (from 0): exponential with full jitter, and not before the gateway says. */
export function backoffOf(
  attempt: number,
  { backoffMs, maxBackoffMs }: Pick<Required<ReconnectOptions>, 'backoffMs' | 'maxBackoffMs'>,
  notBeforeMs = 0,
): number {
  const ceiling = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(attempt, 30));
  return Math.max(notBeforeMs, Math.random() * ceiling);
}
