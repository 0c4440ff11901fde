import { Metadata, type ServerInterceptingCallInterface, type StatusObject } from '@grpc/grpc-js';
import { type FieldViolation, GatewayError } from '../errors/index.js';
import { BadRequest, ErrorInfo, RetryInfo } from '../gen/google/rpc/error_details.js';
import { Status } from '../gen/google/rpc/status.js';
import { cleanText } from '../observe/index.js';

/** The domain of every google.rpc.ErrorInfo that the gateway sends. */
const errorDomain = 'vectorgateway';

// Trailers share HTTP/2's header limits, and base64 adds a third: 3,000 encoded bytes are 4,000 on the wire.
const maxDetailsBytes = 3000;
const maxMessageCodePoints = 500;
const maxListedViolations = 20;

/** A status on its way out, as grpc-js's calls take it. */
export type PartialStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

// What a status was made from, for the log: statuses travel through grpc-js, errors do not.
const sources = new WeakMap<Metadata, GatewayError>();

/** The error that toStatus() made this status from; undefined for a status of grpc-js's own. */
export function sourceOf(status: PartialStatus): GatewayError | undefined {
  return status.metadata == null ? undefined : sources.get(status.metadata);
}

/** A status for grpc-js from any thrown value; one that is not a GatewayError becomes a bland INTERNAL. */
export function toStatus(error: unknown): StatusObject {
  const known = error instanceof GatewayError ? error : internalError(error);
  const message = cleanText(known.message, maxMessageCodePoints);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', encodeDetails(known, message));
  if (known.retryDelayMs !== undefined)
    metadata.set('retry-after', String(Math.ceil(known.retryDelayMs / 1000)));
  sources.set(metadata, known);
  return { code: known.code, details: message, metadata };
}

/** What a caller may know of an unexpected throw: that it happened. The cause is for the log. */
export function internalError(cause: unknown): GatewayError {
  return new GatewayError('INTERNAL', 'internal error', { cause });
}

/** An encoded google.rpc.Status of the error, for a message. */
export function errorBytes(error: GatewayError): Buffer {
  return encodeDetails(error, cleanText(error.message, maxMessageCodePoints));
}

// Lists are cut until the whole fits, and end with a count of what is missing.
function encodeDetails(error: GatewayError, message: string): Buffer {
  let listed = Math.min(error.violations.length, maxListedViolations);
  for (;;) {
    const bytes = encodeStatus(error, message, listed);
    if (bytes.length <= maxDetailsBytes || listed === 0) return Buffer.from(bytes);
    listed = Math.floor(listed / 2);
  }
}

function encodeStatus(error: GatewayError, message: string, listed: number): Uint8Array {
  const details = [anyOf('google.rpc.ErrorInfo', ErrorInfo.encode(errorInfoOf(error)).finish())];
  if (error.violations.length > 0) {
    const fieldViolations = violationsOf(error.violations, listed);
    details.push(anyOf('google.rpc.BadRequest', BadRequest.encode({ fieldViolations }).finish()));
  }
  if (error.retryDelayMs !== undefined) {
    const seconds = Math.floor(error.retryDelayMs / 1000);
    const nanos = Math.round((error.retryDelayMs - seconds * 1000) * 1e6);
    const retryInfo = RetryInfo.encode({ retryDelay: { seconds: BigInt(seconds), nanos } });
    details.push(anyOf('google.rpc.RetryInfo', retryInfo.finish()));
  }
  if (error.detail !== undefined) details.push(anyOf(error.detail.typeName, error.detail.value));
  return Status.encode({ code: error.code, message, details }).finish();
}

function errorInfoOf(error: GatewayError): ErrorInfo {
  const metadata = new Map<string, string>();
  for (const [key, value] of Object.entries(error.metadata)) metadata.set(key, cleanText(value, 200));
  if (error.indeterminate) metadata.set('indeterminate', 'true');
  return { reason: error.reason, domain: errorDomain, metadata };
}

function violationsOf(violations: readonly FieldViolation[], listed: number): BadRequest['fieldViolations'] {
  const shown = violations.slice(0, listed).map(({ field, description, reason }) => ({
    field: cleanText(field, 200),
    description: cleanText(description, 200),
    reason: reason ?? '',
  }));
  const hidden = violations.length - shown.length;
  if (hidden > 0) shown.push({ field: '', description: `and ${hidden} more`, reason: '' });
  return shown;
}

function anyOf(typeName: string, value: Uint8Array): { typeUrl: string; value: Buffer } {
  return {
    typeUrl: `type.googleapis.com/${typeName}`,
    value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  };
}
