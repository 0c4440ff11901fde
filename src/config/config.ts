/** Certificate and key files of the gateway's own server (PEM). */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of client certificates; undefined: none is asked for. */
  readonly clientCaFile: string | undefined;
  readonly requiresClientCert: boolean;
}

/** How tokens (JWT) are verified. */
export interface TokenConfig {
  readonly keys:
    | { readonly kind: 'set-file'; readonly file: string }
    | { readonly kind: 'set-url'; readonly url: string; readonly refreshMs: number }
    | { readonly kind: 'secret-file'; readonly file: string };
  readonly issuer: string;
  readonly audience: string;
  readonly tenantsClaim: string;
  readonly scopesClaim: string;
  readonly clockToleranceMs: number;
  readonly maxLifetimeMs: number;
}

export interface EmbeddedBackendConfig {
  readonly kind: 'embedded';
  readonly dataDir: string;
}

/** One node of Qdrant: "host:port", and whether to speak TLS to it. */
export interface QdrantEndpoint {
  readonly address: string;
  readonly tls: boolean;
}

export interface QdrantBackendConfig {
  readonly kind: 'qdrant';
  /** As they may be shown: no credentials, port always there. */
  readonly urls: readonly string[];
  readonly endpoints: readonly QdrantEndpoint[];
  readonly apiKey: string | undefined;
  /** Calls about points carry tokens for one collection, signed with the key. */
  readonly mintsTokens: boolean;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

export type BackendConfig = EmbeddedBackendConfig | QdrantBackendConfig;

export interface PoolConfig {
  readonly channelsPerNode: number;
  readonly connectTimeoutMs: number;
  /** Calls at a time on one channel. */
  readonly maxInFlight: number;
  readonly maxQueue: number;
  readonly maxChannelAgeMs: number;
}

export interface BreakerConfig {
  readonly windowMs: number;
  readonly minCalls: number;
  /** 1 to 100. */
  readonly failurePercent: number;
  readonly openMs: number;
  readonly probeTimeoutMs: number;
}

export interface RetryConfig {
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** 0 to 100: retries as a share of the calls of the last 10 s. */
  readonly budgetPercent: number;
}

export interface LimitsConfig {
  readonly maxMessageBytes: number;
  readonly maxMetadataBytes: number;
  readonly maxStreamBytes: number;
  readonly maxTenantBytes: number;
  readonly maxProcessBytes: number;
  readonly maxConcurrentStreams: number;
  readonly defaultDeadlineMs: number;
  readonly streamIdleMs: number;
  readonly batchPoints: number;
  readonly batchBytes: number;
  readonly batchesInFlight: number;
  /** False: streams keep to these numbers. */
  readonly tunesBatches: boolean;
}

export interface MetricsConfig {
  readonly host: string;
  readonly port: number;
  /** The port was asked for: then a port in use is an error, else only a warning. */
  readonly portIsExplicit: boolean;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFormat = 'auto' | 'json' | 'pretty';

/** Everything that can be set, checked and frozen. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsConfig | undefined;
  readonly apiKeysFile: string | undefined;
  readonly tokens: TokenConfig | undefined;
  readonly clientCertsFile: string | undefined;
  /** 0: not limited. */
  readonly authFailuresPerMinute: number;
  readonly insecureNoAuth: boolean;
  readonly tenantHeader: string;
  readonly backend: BackendConfig;
  readonly pool: PoolConfig;
  readonly breaker: BreakerConfig;
  readonly retry: RetryConfig;
  readonly limits: LimitsConfig;
  /** Undefined when switched off. */
  readonly metrics: MetricsConfig | undefined;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  readonly shutdownGraceMs: number;
  readonly factsTtlMs: number;
  /** What is allowed but should not pass silently; logged at start. */
  readonly warnings: readonly string[];
}
