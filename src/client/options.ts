import { type ChannelCredentials, type ChannelOptions, credentials, Metadata } from '@grpc/grpc-js';
import type { WriteOrdering } from './ordering.js';

export interface ClientOptions {
  /** "host:port" of the gateway. */
  readonly address: string;
  /** For whom every call acts. */
  readonly tenant: string;
  /** Sent as `authorization: Bearer …`. */
  readonly apiKey?: string;
  /** TLS, with the system's authorities or with these. Certificates and keys are PEM texts. */
  readonly tls?: boolean | TlsOptions;
  /** How long a call may take, streams excepted. Default: 30 s. */
  readonly deadlineMs?: number;
  /** Name of the header for the tenant, where the gateway has another than `x-company-id`. */
  readonly tenantHeader?: string;
  /** A ping after so much silence notices a connection that is dead. Default: 30 s. */
  readonly keepaliveTimeMs?: number;
  /** How long the answer to a ping may take. Default: 10 s. */
  readonly keepaliveTimeoutMs?: number;
  /** Options of grpc-js beside or over these. */
  readonly channelOptions?: ChannelOptions;
}

export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

/** Options of any single call. */
export interface CallOptions {
  /** Aborting cancels the call and rejects it with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Instead of the client's; ignored by streams. */
  readonly deadlineMs?: number;
}

/** Options of a call that writes. */
export interface WriteOptions extends CallOptions {
  /** False: answer already when the write is accepted. Default: true. */
  readonly wait?: boolean;
  /** Default: weak. */
  readonly ordering?: WriteOrdering;
}

const defaults = { deadlineMs: 30_000, keepaliveTimeMs: 30_000, keepaliveTimeoutMs: 10_000 };
const maxReplyBytes = 64 * 1024 * 1024;
// Node's 64 KiB would bound an export to 6 MB/s at 10 ms distance.
const windowBytes = 4 * 1024 * 1024;

/** Options with their defaults, in the form that calls need. */
export interface ConnectionOptions {
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  readonly metadata: Metadata;
  readonly deadlineMs: number;
}

/** Throws TypeError or RangeError for options that no call could work with. */
export function connectionOptions(options: ClientOptions): ConnectionOptions {
  const { address, tenant, apiKey, tenantHeader = 'x-company-id' } = options;
  if (typeof address !== 'string' || !/^[^/]+:\d{1,5}$/.test(address)) {
    throw new TypeError(`address: must be "host:port", without a scheme, not ${JSON.stringify(address)}`);
  }
  if (typeof tenant !== 'string' || tenant === '') throw new TypeError('tenant: is missing');
  const metadata = new Metadata();
  metadata.set(tenantHeader, tenant);
  if (apiKey !== undefined) metadata.set('authorization', `Bearer ${apiKey}`);
  return {
    address,
    metadata,
    credentials: credentialsOf(options.tls),
    deadlineMs: positive(options, 'deadlineMs'),
    channelOptions: {
      'grpc.keepalive_time_ms': positive(options, 'keepaliveTimeMs'),
      'grpc.keepalive_timeout_ms': positive(options, 'keepaliveTimeoutMs'),
      'grpc.keepalive_permit_without_calls': 1,
      // A connection of its own: closing one client ends no call of another.
      'grpc.use_local_subchannel_pool': 1,
      // grpc-js would wait up to two minutes before it tries a gateway again that is long back.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 5000,
      'grpc.max_receive_message_length': maxReplyBytes,
      'grpc-node.flow_control_window': windowBytes,
      ...options.channelOptions,
    },
  };
}

function credentialsOf(tls: ClientOptions['tls']): ChannelCredentials {
  if (tls === undefined || tls === false) return credentials.createInsecure();
  const { ca, cert, key } = tls === true ? {} : tls;
  const [roots, privateKey, chain] = [ca, key, cert].map((pem) =>
    pem === undefined ? null : Buffer.from(pem),
  );
  return credentials.createSsl(roots, privateKey, chain);
}

function positive(options: ClientOptions, name: keyof typeof defaults): number {
  const value = options[name] ?? defaults[name];
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${name}: must be more than 0, not ${value}`);
}
