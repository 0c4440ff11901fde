import type { Http2SecureServer, Http2Server } from 'node:http2';
import { rawMethod } from './raw-method.js';
import type { AnyService } from './raw-services.js';

const path = '/unknown';

/** The method that stands for all that are not served. No table has it, so the gate refuses it. */
export const unknownMethod: AnyService = {
  unknown: rawMethod(path, { requestStream: true }),
};

/**
 * Leads calls of unknown paths to that method. grpc-js answers them before any interceptor: without a reason, a
 * request id or a line in the log.
 */
export function leadUnknownPaths(
  server: Http2Server | Http2SecureServer,
  isKnown: (path: string) => boolean,
): void {
  // Before the listener of grpc-js, which reads the same object.
  server.prependListener('stream', (_stream, headers) => {
    if (!isKnown(headers[':path'] ?? '')) headers[':path'] = path;
  });
}
