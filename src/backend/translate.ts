import { status } from '@grpc/grpc-js';
import { GatewayError, type Reason } from '../errors/index.js';
import { cleanText } from '../observe/index.js';
import { AttemptError, type Failure } from './failure.js';

/** What a failure is told about, and what must not be in its text. */
export interface FailedCall {
  /** "Service/Rpc". */
  readonly method: string;
  readonly writes: boolean;
  /** An attempt reached the backend, and nothing is known of what became of it. */
  readonly mayHaveArrived: boolean;
  /** Texts that never reach a caller: the collection's name in the backend, the key. */
  readonly secrets: readonly string[];
}

/** The error that a caller gets for a failure of the last attempt. Transport texts and names stay in the cause. */
export function toGatewayError(failure: Failure, call: FailedCall): GatewayError {
  const cause = new AttemptError(failure);
  const indeterminate = call.writes && call.mayHaveArrived;
  switch (failure.kind) {
    case 'answered':
      return answeredError(failure, call, cause);
    case 'transport':
      return new GatewayError('BACKEND_UNAVAILABLE', 'the backend cannot be reached; retry later', {
        indeterminate,
        cause,
      });
    case 'timeout':
      return new GatewayError('DEADLINE_EXCEEDED', 'the backend did not answer before the deadline', {
        indeterminate,
        cause,
      });
    case 'aborted':
      return new GatewayError(failure.reason.reason, failure.reason.message, {
        ...failure.reason,
        indeterminate,
        cause: failure.reason,
      });
    case 'reply-too-large':
      return new GatewayError('REPLY_TOO_LARGE', replyTooLarge, { cause });
  }
}

type Answered = Extract<Failure, { kind: 'answered' }>;

function answeredError(failure: Answered, call: FailedCall, cause: AttemptError): GatewayError {
  const reason = reasonOf(failure, call);
  return new GatewayError(reason, textOf(reason, failure, call), {
    retryDelayMs:
      reason === 'RATE_LIMITED' ? (failure.retryAfterMs ?? defaultRetryDelayMs) : failure.retryAfterMs,
    indeterminate: call.writes && call.mayHaveArrived,
    cause,
  });
}

function reasonOf({ code, text }: Answered, { method }: FailedCall): Reason {
  switch (code) {
    case status.INVALID_ARGUMENT:
      // Older versions tell a lost race to create this way.
      return /already exists/i.test(text) && method === 'Collections/Create'
        ? 'COLLECTION_ALREADY_EXISTS'
        : 'BACKEND_REJECTED';
    case status.NOT_FOUND:
      return method.startsWith('Collections/') || /^(not found: )?collection\b/i.test(text)
        ? 'COLLECTION_NOT_FOUND'
        : 'POINT_NOT_FOUND';
    case status.OUT_OF_RANGE:
      return /message length too large/i.test(text) ? 'MESSAGE_TOO_LARGE' : 'BACKEND_REJECTED';
    case status.RESOURCE_EXHAUSTED:
      // The embedded store bounds its replies and says so; asking again would not help.
      return /reply would be larger/i.test(text) ? 'REPLY_TOO_LARGE' : 'RATE_LIMITED';
    case status.DEADLINE_EXCEEDED:
    case status.ALREADY_EXISTS:
    case status.PERMISSION_DENIED:
    case status.UNAUTHENTICATED:
    case status.FAILED_PRECONDITION:
    case status.UNIMPLEMENTED:
    case status.UNAVAILABLE:
      return plainReasons[code];
    default:
      // CANCELLED and ABORTED were not asked for by the caller, and INTERNAL is not the gateway's.
      return 'BACKEND_ERROR';
  }
}

const plainReasons = {
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.ALREADY_EXISTS]: 'COLLECTION_ALREADY_EXISTS',
  [status.PERMISSION_DENIED]: 'BACKEND_REFUSED_CREDENTIALS',
  [status.UNAUTHENTICATED]: 'BACKEND_REFUSED_CREDENTIALS',
  [status.FAILED_PRECONDITION]: 'BACKEND_PRECONDITION',
  [status.UNIMPLEMENTED]: 'BACKEND_UNIMPLEMENTED',
  [status.UNAVAILABLE]: 'BACKEND_UNAVAILABLE',
} as const satisfies Record<number, Reason>;

const replyTooLarge = 'the reply is larger than the gateway passes on: lower the limit';

const ownTexts: Partial<Record<Reason, string>> = {
  COLLECTION_ALREADY_EXISTS: 'the collection exists already',
  COLLECTION_NOT_FOUND: 'the collection does not exist',
  BACKEND_REFUSED_CREDENTIALS:
    "the backend refuses the gateway's credentials; its operator must set them right",
  RATE_LIMITED: 'the backend limits the rate of calls; retry later',
  REPLY_TOO_LARGE: replyTooLarge,
  MESSAGE_TOO_LARGE: 'the backend does not take a message of this size: send fewer points in one message',
  DEADLINE_EXCEEDED: 'the backend did not finish before the deadline',
  BACKEND_UNAVAILABLE: 'the backend is not available; retry later',
  BACKEND_ERROR: 'the backend failed to answer the call; retry later',
};

/** What the backend says about the caller's own request helps the caller; everything else is said in our words. */
function textOf(reason: Reason, { text }: Answered, { secrets }: FailedCall): string {
  const own = ownTexts[reason];
  if (own !== undefined) return own;
  const words = text.replace(/^(wrong input|bad request|not found|service internal error): /i, '');
  if (!isFitForCallers(words, secrets)) return 'the backend refused the request';
  return cleanText(`the backend refused the request: ${words}`, maxTextCodePoints);
}

// A text that names something inside the backend is dropped whole: what else it gives away cannot be known.
function isFitForCallers(text: string, secrets: readonly string[]): boolean {
  if (text === '' || text.length > maxTextLength) return false;
  return !secrets.some((secret) => secret !== '' && text.includes(secret)) && !inside.test(text);
}

// Physical names, addresses, files and lines of source. Links to documentation may stay.
const inside =
  /company_|\d{1,3}(\.\d{1,3}){3}|remote_addr|panic|\.rs\b|(?<![\w/:.-])(\/[\w.-]+){2,}|api.?key|localhost|:\d{4,5}\b/i;
const maxTextLength = 2_000;
const maxTextCodePoints = 300;
const defaultRetryDelayMs = 1_000;
