import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { GatewayError } from '../errors/index.js';

/** How one attempt failed; what that means for the caller, the breaker and a retry is decided elsewhere. */
export type Failure =
  /** A status that the backend itself sent. */
  | {
      readonly kind: 'answered';
      readonly code: number;
      readonly text: string;
      readonly retryAfterMs: number | undefined;
    }
  /** The connection broke, or what came was no answer of Qdrant. `sent`: the request may have arrived. */
  | { readonly kind: 'transport'; readonly code: number; readonly text: string; readonly sent: boolean }
  /** Our own deadline for the attempt passed. */
  | { readonly kind: 'timeout'; readonly sent: boolean }
  /** The caller cancelled, its deadline passed or the gateway stops. */
  | { readonly kind: 'aborted'; readonly reason: GatewayError; readonly sent: boolean }
  /** The reply exceeds what the channel accepts. */
  | { readonly kind: 'reply-too-large' };

/** Carries a Failure through promises, inside this folder only. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** Reads what grpc-js reports about a unary call. */
export function failureOf(error: ServiceError): Failure {
  // Only a response of the peer has headers; statuses that grpc-js makes itself have none.
  const answered = error.metadata !== undefined && error.metadata.get('content-type').length > 0;
  if (answered) {
    const retryAfterMs = retryAfterOf(error.metadata);
    return { kind: 'answered', code: error.code, text: error.details, retryAfterMs };
  }
  if (error.code === status.DEADLINE_EXCEEDED) return { kind: 'timeout', sent: true };
  if (error.code === status.RESOURCE_EXHAUSTED && /larger than max/i.test(error.details)) {
    return { kind: 'reply-too-large' };
  }
  return { kind: 'transport', code: error.code, text: error.details, sent: true };
}

// Qdrant sends whole seconds; HTTP also allows a date, which no clock of ours should be trusted to compare.
function retryAfterOf(metadata: Metadata): number | undefined {
  const [value] = metadata.get('retry-after');
  if (typeof value !== 'string' || !/^\d{1,6}$/.test(value)) return undefined;
  return Number(value) * 1000;
}
