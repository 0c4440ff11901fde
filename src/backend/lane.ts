import {
  type ChannelCredentials,
  Client,
  type ClientOptions,
  type ClientUnaryCall,
  connectivityState,
  type Metadata,
} from '@grpc/grpc-js';
import type { MessageBody } from '../wire/index.js';
import { AttemptError, abortedError, failureOf } from './failure.js';
import { GuardedCredentials } from './guarded-credentials.js';
import { pathOf } from './methods.js';

export interface Attempt {
  readonly signal: AbortSignal;
  /** Epoch ms, finite; sent to the peer as grpc-timeout. */
  readonly deadlineAtMs: number;
}

/** One channel: one HTTP/2 connection to a node, with a count of the places taken on it. */
export class Lane {
  readonly createdAtMs = Date.now();
  readonly #client: Client;
  readonly #guard: GuardedCredentials;
  readonly #running = new Set<ClientUnaryCall>();
  #inFlight = 0;
  #closed = false;

  /** `onChange` hears of every change of state. The channel begins to connect when it is warmed or used. */
  constructor(
    address: string,
    credentials: ChannelCredentials,
    options: ClientOptions,
    onChange: (lane: Lane) => void,
  ) {
    this.#guard = new GuardedCredentials(credentials, handshakeTimeoutMs);
    this.#client = new Client(address, this.#guard, { ...fixedOptions, ...options });
    this.#watch(onChange);
  }

  /** Places taken by calls of callers. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get state(): connectivityState {
    return this.#closed ? connectivityState.SHUTDOWN : this.#client.getChannel().getConnectivityState(false);
  }

  get isReady(): boolean {
    return this.state === connectivityState.READY;
  }

  /** Begins to connect where nothing is connected. */
  warm(): void {
    if (!this.#closed) this.#client.getChannel().getConnectivityState(true);
  }

  /** Takes a place before the call begins, so that two callers never count on the same one. */
  take(): void {
    this.#inFlight += 1;
  }

  free(): void {
    this.#inFlight -= 1;
  }

  /** One attempt. Rejects with AttemptError; when `signal` aborts, the peer is told. */
  unary(method: string, request: MessageBody, metadata: Metadata, call: Attempt): Promise<Buffer> {
    const { signal, deadlineAtMs } = call;
    if (signal.aborted) return Promise.reject(abortedError(signal, false));
    return new Promise((resolve, reject) => {
      let sawHeaders = false;
      const path = pathOf(method);
      const options = { deadline: deadlineAtMs };
      const running = this.#client.makeUnaryRequest(
        path,
        asMessage,
        same,
        request,
        metadata,
        options,
        (error, reply) => {
          signal.removeEventListener('abort', cancel);
          this.#running.delete(running);
          if (error === null) resolve(reply ?? empty);
          else if (signal.aborted) reject(abortedError(signal, true));
          else reject(new AttemptError(failureOf(error, sawHeaders)));
        },
      );
      running.on('metadata', () => {
        sawHeaders = true;
      });
      const cancel = (): void => running.cancel();
      this.#running.add(running);
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  /** New calls are not accepted; those in flight go on, or are cut off. */
  close(how: 'let calls end' | 'cut calls off'): void {
    if (how === 'cut calls off') for (const call of this.#running) call.cancel();
    if (this.#closed) return;
    if (this.isReady) this.#guard.handOver();
    this.#closed = true;
    this.#guard.close();
    this.#client.close();
  }

  #watch(onChange: (lane: Lane) => void): void {
    if (this.#closed) return;
    const channel = this.#client.getChannel();
    const seen = channel.getConnectivityState(false);
    channel.watchConnectivityState(seen, Number.POSITIVE_INFINITY, () => {
      if (this.isReady) this.#guard.handOver();
      // In a turn of its own: who is told may close this channel.
      setImmediate(() => {
        if (this.#closed) return;
        // Watched again first: what changes while the change is told must not be missed.
        this.#watch(onChange);
        onChange(this);
      });
    });
  }
}

// grpc-js asks a message for its length, and to copy itself behind the five bytes in front of it in its frame; it asks
// nothing else. So a batch of points is put together there at once, and not in one buffer after the other before:
// what large buffers cost most is the garbage collections that they bring on.
const asMessage = (request: MessageBody): Buffer => request as Buffer;
const same = (bytes: Buffer): Buffer => bytes;
const empty = Buffer.alloc(0);

// As long as gRPC gives an attempt to connect.
const handshakeTimeoutMs = 20_000;
const mebibyte = 1024 * 1024;

const fixedOptions: ClientOptions = {
  // Without it, all channels to one address share one connection.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': 64 * mebibyte,
  'grpc.max_send_message_length': -1,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  // Retries are ours: they know the budget, and what may be repeated.
  'grpc.enable_retries': 0,
  'grpc.client_idle_timeout_ms': 24 * 3_600_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // Node's 64 KiB would cap a connection at 6 MB/s when the node is 10 ms away.
  'grpc-node.flow_control_window': 4 * mebibyte,
};
