import type { Http2SecureServer, Http2Server } from 'node:http2';

/**
 * Makes headers of identity visible as they were sent. Node keeps the first of two `authorization` headers without a
 * word, and grpc-js drops a value with bytes beyond ASCII: both would pass for one good header, or none. They are
 * joined and escaped instead, in a form that the checks of keys and tenant ids refuse. `names` are in lower case.
 */
export function exposeIdentityHeaders(
  server: Http2Server | Http2SecureServer,
  names: readonly string[],
): void {
  // Before the listener of grpc-js, which reads the same object.
  server.prependListener('stream', (_stream, headers, _flags, rawHeaders?: readonly string[]) => {
    if (rawHeaders === undefined) return;
    for (const name of names) {
      const values = rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1] === name);
      if (values.length > 1 || values.some((value) => unprintable.test(value))) {
        headers[name] = values.map(escapeBytes).join(', ');
      }
    }
  });
}

const unprintable = /[^ -~]/;

// HTTP/2 headers arrive as one character a byte.
function escapeBytes(value: string): string {
  return value.replaceAll(
    /[^ -~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
