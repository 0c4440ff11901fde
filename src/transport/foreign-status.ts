import { status as grpcStatus } from '@grpc/grpc-js';
import { GatewayError, type Reason } from '../errors/index.js';

// grpc-js sends these below every responder interceptor, as bare texts. A user's mistake must not look like our
// INTERNAL, and each needs a reason, so they are recognised and said anew.
const known: readonly { readonly pattern: RegExp; readonly reason: Reason; readonly text: string }[] = [
  {
    pattern: /^Received message (larger than max|that decompresses to a size larger)/,
    reason: 'MESSAGE_TOO_LARGE',
    text: 'the message is larger than the gateway accepts: send fewer points in one message',
  },
  {
    pattern: /^Sent message larger than max/,
    reason: 'REPLY_TOO_LARGE',
    text: 'the reply is larger than the gateway sends: lower the limit',
  },
  {
    pattern: /^Invalid grpc-timeout value/,
    reason: 'FIELD_INVALID',
    text: 'metadata "grpc-timeout" is not a timeout of the gRPC protocol',
  },
  {
    pattern: /^Failed to decompress message/,
    reason: 'REQUEST_MALFORMED',
    text: 'the message could not be decompressed',
  },
  {
    pattern: /^Received message compressed with unsupported encoding/,
    reason: 'COMPRESSION_UNSUPPORTED',
    text: 'the message is compressed with an encoding that the gateway does not know (identity, gzip and deflate are)',
  },
  {
    pattern: /^Error deserializing request/,
    reason: 'REQUEST_MALFORMED',
    text: 'the request is not a valid message of its type',
  },
  {
    pattern: /^Received (no|a second) request message/,
    reason: 'REQUEST_MALFORMED',
    text: 'a unary call carries exactly one request message',
  },
];

/** What a status that grpc-js made itself means to a caller; undefined where it can be sent as it is. */
export function explainForeignStatus(status: {
  readonly code?: number;
  readonly details?: string;
}): GatewayError | undefined {
  const details = status.details ?? '';
  const match = known.find(({ pattern }) => pattern.test(details));
  if (match !== undefined) return new GatewayError(match.reason, match.text);
  if (status.code === grpcStatus.DEADLINE_EXCEEDED) {
    return new GatewayError(
      'DEADLINE_EXCEEDED',
      'the deadline passed before the call was done; a write may or may not have been applied',
      { indeterminate: true },
    );
  }
  if (status.code === grpcStatus.INTERNAL || status.code === grpcStatus.UNKNOWN) {
    return new GatewayError('INTERNAL', 'internal error', { cause: details });
  }
  return undefined;
}
