import type { Http2SecureServer, Http2Server } from 'node:http2';

// Node's 64 KiB, for a connection too, leave 4 MB/s to a caller who is 10 ms away. What a paused stream may have sent
// waits in memory, up to its window; the bound of the connection keeps a hundred paused streams at 4 MiB.
const streamWindowBytes = 2 * 1024 * 1024;
const connectionWindowBytes = 4 * 1024 * 1024;

/** Lets callers send more before they must wait for us; grpc-js has no option for it. */
export function widenWindows(server: Http2Server | Http2SecureServer): void {
  server.updateSettings({ initialWindowSize: streamWindowBytes });
  server.on('session', (session) => session.setLocalWindowSize(connectionWindowBytes));
}
