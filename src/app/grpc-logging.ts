import { setLogger } from '@grpc/grpc-js';
import type { Logger } from '../observe/index.js';

/**
 * Sends what grpc-js itself logs through our logger. Its complaint about a metadata entry quotes the value, which may
 * be a credential, so only the part before the value is kept.
 */
export function routeGrpcLogs(log: Logger): void {
  const forward = (...parts: unknown[]): void => {
    const text = parts.map(String).join(' ');
    const entry = /Failed to add metadata entry ([^:]{1,64})/.exec(text);
    log.debug(
      entry === null
        ? `grpc: ${text}`
        : `grpc: metadata "${entry[1]}" is not printable ASCII and was dropped`,
    );
  };
  setLogger({ error: forward, info: forward, debug: forward, log: forward, warn: forward });
}
