import type { Metadata, ServiceError } from '@grpc/grpc-js';
import { Code, type Reason, type StatusCode } from '../errors/index.js';
import { BadRequest, ErrorInfo, RetryInfo } from '../gen/google/rpc/error_details.js';
import { Status } from '../gen/google/rpc/status.js';

export { Code, type Reason, type StatusCode };

/** A field of the request that was wrong. */
export interface Violation {
  /** A path such as `points[3].vector`. */
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

interface Fields {
  readonly code: number;
  readonly message: string;
  readonly reason?: string;
  readonly violations?: readonly Violation[];
  readonly retryDelayMs?: number;
  readonly indeterminate?: boolean;
  readonly requestId?: string;
  readonly cause?: unknown;
}

/** What a call that the gateway, or the way to it, has failed is rejected with. */
export class VectorGatewayError extends Error {
  override readonly name = 'VectorGatewayError';
  /** gRPC status code; `Code` has their names. */
  readonly code: number;
  /** A `Reason` of the gateway's closed list (a later gateway may know more); undefined when the connection failed. */
  readonly reason: string | undefined;
  /** The first of the fields that were wrong. */
  readonly violations: readonly Violation[];
  /** When a retry makes sense, in ms from now. */
  readonly retryDelayMs: number | undefined;
  /** Whether a write may have been applied although it failed. */
  readonly indeterminate: boolean;
  /** The call's id in the gateway's log. */
  readonly requestId: string | undefined;

  constructor(fields: Fields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.reason = fields.reason;
    this.violations = fields.violations ?? [];
    this.retryDelayMs = fields.retryDelayMs;
    this.indeterminate = fields.indeterminate ?? false;
    this.requestId = fields.requestId;
  }
}

const typePrefix = 'type.googleapis.com/google.rpc.';

/** A typed error from one of grpc-js. */
export function fromServiceError(error: ServiceError): VectorGatewayError {
  const fields = { code: error.code, message: error.details || error.message, cause: error };
  const requestId = textOf(error.metadata, 'x-request-id');
  return typed({ ...fields, requestId }, statusOf(error.metadata));
}

/** The same from a status inside a reply. */
export function fromStatus(status: Status): VectorGatewayError {
  return typed({ code: status.code, message: status.message }, status);
}

function typed(fields: Fields, status: Status | undefined): VectorGatewayError {
  const find = (name: string) =>
    status?.details.find(({ typeUrl }) => typeUrl === `${typePrefix}${name}`)?.value;
  const [info, badRequest, retryInfo] = ['ErrorInfo', 'BadRequest', 'RetryInfo'].map(find);
  if (info === undefined) {
    // The connection was lost, or the time ran out, with the request on its way.
    return new VectorGatewayError({ ...fields, indeterminate: mayHaveArrived.has(fields.code) });
  }
  const { reason, metadata } = ErrorInfo.decode(info);
  const delay = retryInfo === undefined ? undefined : RetryInfo.decode(retryInfo).retryDelay;
  return new VectorGatewayError({
    ...fields,
    reason,
    violations: badRequest === undefined ? [] : BadRequest.decode(badRequest).fieldViolations,
    retryDelayMs: delay === undefined ? undefined : Number(delay.seconds) * 1000 + delay.nanos / 1e6,
    indeterminate: metadata.get('indeterminate') === 'true',
  });
}

const mayHaveArrived = new Set<number>([
  Code.CANCELLED,
  Code.UNKNOWN,
  Code.DEADLINE_EXCEEDED,
  Code.INTERNAL,
  Code.UNAVAILABLE,
]);

function statusOf(metadata: Metadata | undefined): Status | undefined {
  const [bytes] = metadata?.get('grpc-status-details-bin') ?? [];
  return Buffer.isBuffer(bytes) ? Status.decode(bytes) : undefined;
}

function textOf(metadata: Metadata | undefined, name: string): string | undefined {
  const [value] = metadata?.get(name) ?? [];
  return value === undefined ? undefined : String(value);
}
