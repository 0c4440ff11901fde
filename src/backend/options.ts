import type { BackendHooks } from './types.js';

export interface BackendOptions {
  readonly endpoints: readonly {
    /** "host:port", or "unix:path". */
    readonly address: string;
    readonly tls: boolean;
  }[];
  /** Sent as `api-key` metadata. */
  readonly apiKey?: string | undefined;
  /** Calls about the points of a collection carry a token for it alone, signed with the key. */
  readonly mintsTokens?: boolean;
  /** PEM; the system's certificates are trusted otherwise. */
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly pool: PoolOptions;
  readonly breaker: BreakerOptions;
  readonly retry: RetryOptions;
  /** For calls whose caller set no deadline. */
  readonly defaultDeadlineMs: number;
  readonly hooks?: BackendHooks;
}

export interface PoolOptions {
  readonly channelsPerNode: number;
  /** How long a call waits for a channel that is ready. */
  readonly connectTimeoutMs: number;
  /** Calls at a time on one channel; below the peer's limit of streams. */
  readonly maxInFlight: number;
  /** Calls that may wait for a place. */
  readonly maxQueue: number;
  readonly maxChannelAgeMs: number;
  /** Silence after which the peer is pinged, and how long the answer may take. */
  readonly keepaliveTimeMs?: number;
  readonly keepaliveTimeoutMs?: number;
}

export interface BreakerOptions {
  readonly windowMs: number;
  readonly minCalls: number;
  /** 1 to 100. */
  readonly failurePercent: number;
  readonly openMs: number;
  readonly probeTimeoutMs: number;
}

export interface RetryOptions {
  /** The first attempt included. */
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** 0 to 100: retries as a share of the calls of the last 10 s; 3 are always allowed. */
  readonly budgetPercent: number;
}
