import { GatewayError } from '../errors/index.js';

/** The reply itself. Throws REPLY_TOO_LARGE. */
export function bounded(reply: Uint8Array, maxBytes: number): Uint8Array {
  if (reply.length <= maxBytes) return reply;
  throw new GatewayError(
    'REPLY_TOO_LARGE',
    `the reply has ${reply.length} bytes, at most ${maxBytes} are sent: lower the limit, or ask for fewer fields or no vectors`,
  );
}
