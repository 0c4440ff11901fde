import { EventEmitter, once } from 'node:events';
import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** A server that takes calls and never answers one. */
export interface StalledPeer {
  readonly address: string;
  /** Resolves at the next call. */
  called(): Promise<unknown>;
  /** Resolves when the next call that is cancelled is. */
  cancelled(): Promise<unknown>;
  close(): void;
}

export async function startStalledPeer(): Promise<StalledPeer> {
  const events = new EventEmitter();
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.on('close', () => events.emit('cancelled'));
    events.emit('called');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    called: () => once(events, 'called'),
    cancelled: () => once(events, 'cancelled'),
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}
