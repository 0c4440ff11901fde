import { GatewayError } from '../errors/index.js';

/**
 * Decodes a request of our own shape with its generated codec. What is decoded is what is used: the backend's request
 * is built anew from it, so unknown fields and repeated ones end here. Throws REQUEST_MALFORMED.
 */
export function decodeOwn<T>(codec: { decode(bytes: Uint8Array): T }, request: Uint8Array): T {
  // These messages have a handful of fields: a large one is an attack or a mistake.
  if (request.length > maxOwnRequestBytes) {
    throw new GatewayError(
      'MESSAGE_TOO_LARGE',
      `the request has ${request.length} bytes, at most ${maxOwnRequestBytes}`,
    );
  }
  try {
    return codec.decode(request);
  } catch (cause) {
    throw new GatewayError('REQUEST_MALFORMED', 'the request is not a valid message of its type', { cause });
  }
}

const maxOwnRequestBytes = 64 * 1024;
