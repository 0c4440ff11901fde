import { randomFillSync } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import type { Reason } from '../errors/index.js';

/** What one call leaves in the log and the metrics. Filled while it runs, reported once at its end. */
export interface CallRecord {
  requestId: string;
  /** The path of a known RPC, such as "/vectorgateway.v1.PointsService/SearchPoints". */
  readonly path: string;
  readonly startedAtMs: number;
  tenant: string | undefined;
  /** The name of who calls. */
  principal: string | undefined;
  isOver: boolean;
  bytesIn: number;
  bytesOut: number;
  /** Counts the attempts at the backend: the call's context, once a handler runs. */
  work: { readonly attempts: number };
  reason: Reason | undefined;
  /** For the log only. */
  cause: unknown;
}

export function createCallRecord(path: string): CallRecord {
  return {
    requestId: newRequestId(),
    path,
    startedAtMs: performance.now(),
    tenant: undefined,
    principal: undefined,
    isOver: false,
    bytesIn: 0,
    bytesOut: 0,
    work: { attempts: 0 },
    reason: undefined,
    cause: undefined,
  };
}

// Asking the system for eight bytes a call costs more than all else here.
const pool = Buffer.alloc(8 * 512);
let used = pool.length;

function newRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 8;
  return pool.toString('hex', used - 8, used);
}

/** A caller's own request id, when it is harmless in a log. */
export function givenRequestId(metadata: Metadata): string | undefined {
  const [given] = metadata.get('x-request-id');
  return typeof given === 'string' && /^[A-Za-z0-9._:-]{1,64}$/.test(given) ? given : undefined;
}
