import {
  type ChannelCredentials,
  Client,
  type ClientOptions,
  connectivityState,
  type Metadata,
} from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import { AttemptError, failureOf } from './failure.js';
import { pathOf } from './methods.js';

/** One channel: one HTTP/2 connection to a node, with a count of what runs on it. */
export class Lane {
  readonly createdAtMs = Date.now();
  inFlight = 0;
  readonly #client: Client;
  #closed = false;

  /** `onChange` hears of every change of state. The channel begins to connect when it is warmed or used. */
  constructor(
    address: string,
    credentials: ChannelCredentials,
    options: ClientOptions,
    onChange: (lane: Lane) => void,
  ) {
    this.#client = new Client(address, credentials, { ...fixedOptions, ...options });
    this.#watch(onChange);
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

  /** One attempt. Rejects with AttemptError; when `signal` aborts, the peer is told. */
  unary(method: string, request: Buffer, metadata: Metadata, call: Attempt): Promise<Buffer> {
    const { signal, deadlineAtMs } = call;
    return new Promise((resolve, reject) => {
      this.inFlight += 1;
      const running = this.#client.makeUnaryRequest(
        pathOf(method),
        same,
        same,
        request,
        metadata,
        { deadline: deadlineAtMs },
        (error, reply) => {
          signal.removeEventListener('abort', cancel);
          this.inFlight -= 1;
          if (error === null) resolve(reply ?? empty);
          else if (signal.aborted) reject(abortedError(signal, true));
          else reject(new AttemptError(failureOf(error)));
        },
      );
      const cancel = (): void => running.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Calls in flight go on; new ones are not accepted. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#client.close();
  }

  #watch(onChange: (lane: Lane) => void): void {
    if (this.#closed) return;
    const channel = this.#client.getChannel();
    const seen = channel.getConnectivityState(false);
    channel.watchConnectivityState(seen, Number.POSITIVE_INFINITY, () => {
      // In a turn of its own: what is told may close this channel.
      setImmediate(() => {
        if (this.#closed) return;
        onChange(this);
        this.#watch(onChange);
      });
    });
  }
}

export interface Attempt {
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
}

export function abortedError(signal: AbortSignal, sent: boolean): AttemptError {
  const reason: unknown = signal.reason;
  const known =
    reason instanceof GatewayError ? reason : new GatewayError('CANCELLED', 'the call was cancelled');
  return new AttemptError({ kind: 'aborted', reason: known, sent });
}

const same = (bytes: Buffer): Buffer => bytes;
const empty = Buffer.alloc(0);

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
