import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';

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
  /** The time for the attempt passed without an answer. */
  | { readonly kind: 'timeout'; readonly sent: boolean; readonly text: string }
  /** The caller cancelled or the gateway stops. */
  | { readonly kind: 'aborted'; readonly reason: GatewayError; readonly sent: boolean }
  /** The reply exceeds what the channel accepts. */
  | { readonly kind: 'reply-too-large' };

/** Carries a Failure through promises, inside this folder only. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('text' in failure ? `${failure.kind}: ${failure.text}` : failure.kind);
    this.failure = failure;
  }
}

/** Reads what grpc-js reports about a unary call. `sawHeaders`: the peer had begun to answer. */
export function failureOf(error: ServiceError, sawHeaders: boolean): Failure {
  const { code, details: text, metadata } = error;
  if (isAnswer(text, metadata, sawHeaders)) {
    return { kind: 'answered', code, text, retryAfterMs: retryAfterOf(metadata) };
  }
  if (code === status.DEADLINE_EXCEEDED)
    return { kind: 'timeout', sent: !/Waiting for LB pick/.test(text), text };
  if (code === status.RESOURCE_EXHAUSTED && /larger than|size larger/i.test(text)) {
    return { kind: 'reply-too-large' };
  }
  // A proxy in front of Qdrant, such as Qdrant Cloud's, refuses keys in plain HTTP.
  if (/HTTP status code 40[13]\b/.test(text)) {
    return { kind: 'answered', code: status.UNAUTHENTICATED, text, retryAfterMs: undefined };
  }
  return { kind: 'transport', code, text, sent: !neverSent.test(text) };
}

// A response of the peer has headers. Statuses that grpc-js makes itself have none, or a text of its own after them.
function isAnswer(text: string, metadata: Metadata | undefined, sawHeaders: boolean): boolean {
  if (/^Received HTTP status code/.test(text)) return false;
  const [type] = metadata?.get('content-type') ?? [];
  if (typeof type === 'string' && type.startsWith('application/grpc')) return true;
  return sawHeaders && !ownTexts.test(text);
}

/** Why the signal ended an attempt: its deadline is a timeout, everything else the caller's or the gateway's wish. */
export function abortedError(signal: AbortSignal, sent: boolean): AttemptError {
  const reason: unknown = signal.reason;
  const isDeadline =
    (reason instanceof GatewayError && reason.reason === 'DEADLINE_EXCEEDED') ||
    (reason instanceof Object && 'name' in reason && reason.name === 'TimeoutError');
  if (isDeadline) return new AttemptError({ kind: 'timeout', sent, text: 'the deadline passed' });
  const known =
    reason instanceof GatewayError
      ? reason
      : new GatewayError('CANCELLED', 'the call was cancelled', { cause: reason });
  return new AttemptError({ kind: 'aborted', reason: known, sent });
}

// Qdrant sends whole seconds; HTTP also allows a date, which no clock of ours should be trusted to compare.
function retryAfterOf(metadata: Metadata): number | undefined {
  const [value] = metadata.get('retry-after');
  if (typeof value !== 'string' || !/^\d{1,6}$/.test(value)) return undefined;
  return Number(value) * 1000;
}

// Texts of grpc-js 1.14 for requests that no server has begun to process.
const neverSent =
  /^(Stream refused by server|No connection established|Name resolution failed|Channel closed before|Failed to start HTTP\/2 stream)|ECONNREFUSED|Waiting for LB pick/;
const ownTexts =
  /RST_STREAM|Connection dropped|Call cancelled|No status information|No message received|ECONN|EPIPE|socket|Bandwidth exhausted|Protocol not secure|Deadline exceeded|larger than|parsing error|decompress|Write (error|failed)/i;
