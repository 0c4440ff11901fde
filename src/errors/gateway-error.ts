import { type Reason, reasonCodes, type StatusCode } from './reasons.js';

/** One field of a request that is wrong. `field` is a path such as `points[3].vector`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
  readonly reason?: Reason;
}

export interface GatewayErrorOptions {
  readonly violations?: readonly FieldViolation[];
  /** When a retry makes sense, in ms from now; sent as google.rpc.RetryInfo. */
  readonly retryDelayMs?: number;
  /** True when the call may have been applied in the backend although it failed. */
  readonly indeterminate?: boolean;
  /** Facts for programs, sent in ErrorInfo.metadata. Nothing secret, nothing of another tenant. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** A message of the API that travels in the details of the status, such as the summary of a stream. */
  readonly detail?: { readonly typeName: string; readonly value: Uint8Array };
  /** For the log only; never sent. */
  readonly cause?: unknown;
}

/** The one error that reaches a caller. Its text is written for the person who reads it in a terminal. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly reason: Reason;
  readonly violations: readonly FieldViolation[];
  readonly retryDelayMs: number | undefined;
  readonly indeterminate: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly detail: GatewayErrorOptions['detail'];

  constructor(reason: Reason, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.violations = options.violations ?? [];
    this.retryDelayMs = options.retryDelayMs;
    this.indeterminate = options.indeterminate ?? false;
    this.metadata = options.metadata ?? {};
    this.detail = options.detail;
  }

  get code(): StatusCode {
    return reasonCodes[this.reason];
  }
}

/** An INVALID_ARGUMENT about one field: `reason` at `field`, said as "field: description". */
export function fieldError(reason: Reason, field: string, description: string): GatewayError {
  return new GatewayError(reason, `${field}: ${description}`, {
    violations: [{ field, description, reason }],
  });
}
