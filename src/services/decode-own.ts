import { GatewayError } from '../errors/index.js';
import { scanRequest } from '../wire/index.js';

/**
 * Decodes a request of our own shape with its generated codec; `typeName` is its message in vectorgateway.v1. What is
 * decoded is what is used: the backend's request is built anew from it, so unknown fields and repeated ones end here.
 * Throws MESSAGE_TOO_LARGE, REQUEST_MALFORMED or LIMIT_EXCEEDED.
 */
export function decodeOwn<T>(
  codec: { decode(bytes: Uint8Array): T },
  typeName: string,
  request: Uint8Array,
): T {
  // These messages have a handful of fields: a large one is an attack or a mistake.
  if (request.length > maxOwnRequestBytes) {
    throw new GatewayError(
      'MESSAGE_TOO_LARGE',
      `the request has ${request.length} bytes, at most ${maxOwnRequestBytes}`,
    );
  }
  // Generated codecs take what no other decoder does: lengths cut to 32 bits, text that is not UTF-8.
  scanRequest(`vectorgateway.v1.${typeName}`, request);
  try {
    return codec.decode(request);
  } catch (cause) {
    throw new GatewayError('REQUEST_MALFORMED', 'the request is not a valid message of its type', { cause });
  }
}

const maxOwnRequestBytes = 64 * 1024;
