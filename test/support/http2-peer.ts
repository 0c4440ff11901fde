import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { HealthCheckReplySchema } from '@qdrant/js-client-grpc';

/** One call at the peer, with everything that a server may do to it. */
export interface PeerCall {
  /** Such as "Points/Search". */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The message of the request. */
  readonly request: Buffer;
  readonly arrivedAtMs: number;
  readonly session: ServerHttp2Session;
  readonly stream: ServerHttp2Stream;
  /** The TCP connection that it came on. */
  readonly socket: Socket;
  /** HTTP/2 code that the stream ended with; 8 is CANCEL. */
  readonly closed: Promise<number>;
  reply(message?: Uint8Array): void;
  /** A status without a message, as Qdrant sends errors. */
  fail(code: number, text: string, headers?: Readonly<Record<string, string>>): void;
  resetStream(code: number): void;
}

export interface Http2PeerOptions {
  /** What to do with a call, once its request has arrived; replies without a message by default. */
  readonly onCall?: (call: PeerCall) => void;
  /** The same for HealthCheck; answers version 1.18.3 by default. */
  readonly onHealthCheck?: (call: PeerCall) => void;
  readonly maxConcurrentStreams?: number;
  /** 0 (the default) takes a free port. */
  readonly port?: number;
}

/** An HTTP/2 server on 127.0.0.1 whose every frame a test can decide. */
export interface Http2Peer {
  /** "127.0.0.1:port". */
  readonly address: string;
  readonly port: number;
  /** Calls other than HealthCheck, in order of arrival. */
  readonly calls: PeerCall[];
  /** HealthChecks so far. */
  readonly healthChecks: () => number;
  /** TCP connections so far. */
  readonly connections: () => number;
  /** The most streams that were open on one connection at a time. */
  readonly peakStreams: () => number;
  /** Resolves when as many calls have arrived. */
  arrived(count: number): Promise<void>;
  /** Ends every connection at once: 'rst' without a word, 'goaway' in good order. */
  cut(how: 'rst' | 'goaway'): void;
  close(): Promise<void>;
}

export async function startHttp2Peer(options: Http2PeerOptions = {}): Promise<Http2Peer> {
  const calls: PeerCall[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const listeners = new Set<() => void>();
  const count = { connections: 0, healthChecks: 0, peak: 0 };
  const onCall = options.onCall ?? ((call) => call.reply());
  const onHealthCheck = options.onHealthCheck ?? ((call) => call.reply(healthy));
  const server = createServer({
    settings: { maxConcurrentStreams: options.maxConcurrentStreams ?? 10_000 },
  });
  server.on('session', (session) => {
    let open = 0;
    count.connections += 1;
    sessions.add(session);
    session.on('error', ignored);
    session.on('close', () => sessions.delete(session));
    session.on('stream', (stream, headers) => {
      open += 1;
      count.peak = Math.max(count.peak, open);
      const chunks: Buffer[] = [];
      const call = peerCall(session, stream, headers, chunks, () => {
        open -= 1;
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (call.method === 'Qdrant/HealthCheck') {
          count.healthChecks += 1;
          onHealthCheck(call);
          return;
        }
        calls.push(call);
        for (const listener of listeners) listener();
        onCall(call);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    port,
    calls,
    healthChecks: () => count.healthChecks,
    connections: () => count.connections,
    peakStreams: () => count.peak,
    arrived: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (calls.length < wanted) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    cut: (how) => {
      for (const session of sessions) {
        if (how === 'rst') rawSocket(session).resetAndDestroy();
        else session.close();
      }
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

function peerCall(
  session: ServerHttp2Session,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  chunks: readonly Buffer[],
  onClose: () => void,
): PeerCall {
  const closed = new Promise<number>((resolve) => {
    stream.on('close', () => {
      onClose();
      resolve(stream.rstCode);
    });
  });
  stream.on('error', ignored);
  return {
    method: String(headers[':path']).replace('/qdrant.', ''),
    headers,
    get request() {
      // Behind the five bytes that frame it.
      return Buffer.concat(chunks).subarray(5);
    },
    arrivedAtMs: performance.now(),
    session,
    stream,
    get socket() {
      return rawSocket(session);
    },
    closed,
    reply: (message = new Uint8Array()) => {
      if (stream.destroyed) return;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(frame(message));
    },
    fail: (code, text, more = {}) => {
      if (stream.destroyed) return;
      const status = { 'grpc-status': String(code), 'grpc-message': encodeURIComponent(text) };
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', ...status, ...more },
        { endStream: true },
      );
    },
    resetStream: (code) => stream.close(code),
  };
}

// session.socket is a proxy that refuses to be destroyed; what Node hides behind it is not.
function rawSocket(session: ServerHttp2Session): Socket {
  const symbol = Object.getOwnPropertySymbols(session).find((each) => each.description === 'socket');
  if (symbol === undefined) throw new Error('this version of Node keeps the socket of a session elsewhere');
  return Reflect.get(session, symbol) as Socket;
}

function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const healthy = toBinary(
  HealthCheckReplySchema,
  create(HealthCheckReplySchema, { title: 'qdrant', version: '1.18.3' }),
);
const ignored = (): void => undefined;

/** Codes of HTTP/2 that tests reset streams with. */
export const resetCodes = {
  internalError: constants.NGHTTP2_INTERNAL_ERROR,
  refusedStream: constants.NGHTTP2_REFUSED_STREAM,
  cancel: constants.NGHTTP2_CANCEL,
};
