import type { Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';

type ConnectorArguments = Parameters<ChannelCredentials['_createSecureConnector']>;
type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/**
 * Credentials of one channel that answer for its sockets until they are in use. grpc-js waits for ever for the first
 * frame of a peer, and what a closed channel was connecting, or was about to, goes on: to a silent node, each attempt
 * would leave a socket behind.
 */
export class GuardedCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #handshakeTimeoutMs: number;
  /** Connected, and not in use yet; each with the timer that gives it up. */
  readonly #pending = new Map<Socket, NodeJS.Timeout>();
  #closed = false;

  constructor(inner: ChannelCredentials, handshakeTimeoutMs: number) {
    super();
    this.#inner = inner;
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
  }

  override _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(...args: ConnectorArguments): Connector {
    const inner = this.#inner._createSecureConnector(...args);
    return {
      waitForReady: async () => {
        // An attempt begins here.
        if (this.#closed) throw new Error('the channel is closed');
        return inner.waitForReady();
      },
      connect: (socket) => Promise.race([inner.connect(socket), this.#hold(socket)]),
      getCallCredentials: () => inner.getCallCredentials(),
      destroy: () => inner.destroy(),
    };
  }

  /** The channel is ready: its socket is grpc-js's to close. */
  handOver(): void {
    for (const timer of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#pending.keys()) socket.destroy();
    this.handOver();
  }

  /** Rejects when the socket closes, which a handshake of TLS does not always hear of. */
  #hold(socket: Socket): Promise<never> {
    const timer = setTimeout(() => socket.destroy(), this.#handshakeTimeoutMs);
    timer.unref();
    this.#pending.set(socket, timer);
    if (this.#closed) this.close();
    return new Promise((_resolve, reject) => {
      socket.once('close', () => {
        clearTimeout(timer);
        this.#pending.delete(socket);
        // An error of TLS says more, and comes in the same turn.
        setImmediate(() => reject(new Error('the connection closed before it was ready')));
      });
    });
  }
}
