import { isLoopback } from './addresses.js';
import { checkTogether } from './checks.js';
import type { BackendConfig, Config, LimitsConfig, MetricsConfig, QdrantBackendConfig } from './config.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { isExposed, parseQdrantUrls } from './endpoints.js';
import { asksForIdentity, readTokens } from './identity.js';
import { type Environment, type Flags, type Parsed, parseValues } from './parse.js';
import type { Values } from './settings.js';

/**
 * The settings of one start: flags over environment over defaults, checked and frozen. Reads the files it names
 * only to see that they can be used. Throws ConfigError, which lists everything that is wrong.
 */
export function readConfig(env: Environment, flags: Flags = {}): Config {
  const parsed = parseValues(env, flags);
  const problems = [...parsed.problems];
  const backend = readBackend(parsed, problems);
  const metrics = readMetrics(parsed, problems);
  // A value that could not be read stands at its default, and what follows from a default may not be so.
  if (problems.length === 0) problems.push(...checkTogether(parsed));
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(assemble(parsed.values, backend, metrics));
}

function readBackend(parsed: Parsed, problems: ConfigProblem[]): BackendConfig {
  const { values } = parsed;
  if (values.QDRANT_URL === undefined) return { kind: 'embedded', dataDir: values.DATA_DIR };
  const result = parseQdrantUrls(values.QDRANT_URL);
  if ('problem' in result) {
    const given = parsed.given.get('QDRANT_URL');
    problems.push({
      variable: given?.name ?? 'QDRANT_URL',
      value: given?.display ?? '',
      allowed: result.problem,
    });
  }
  return {
    kind: 'qdrant',
    urls: 'problem' in result ? [] : result.urls,
    endpoints: 'problem' in result ? [] : result.endpoints,
    apiKey: values.QDRANT_API_KEY,
    mintsTokens: values.QDRANT_JWT_RBAC === 'on',
    caFile: values.QDRANT_CA_FILE,
    certFile: values.QDRANT_CERT_FILE,
    keyFile: values.QDRANT_KEY_FILE,
  };
}

function readMetrics(parsed: Parsed, problems: ConfigProblem[]): MetricsConfig | undefined {
  const text = parsed.values.METRICS_PORT;
  if (text === 'off') return undefined;
  const given = parsed.given.get('METRICS_PORT');
  const port = Number(text);
  if (port > 65535) {
    problems.push({
      variable: given?.name ?? 'METRICS_PORT',
      value: given?.display ?? text,
      allowed: 'a port from 0 to 65535, or off',
    });
  }
  return { host: parsed.values.METRICS_HOST, port, portIsExplicit: given !== undefined };
}

function assemble(values: Values, backend: BackendConfig, metrics: MetricsConfig | undefined): Config {
  return {
    host: values.HOST,
    port: values.PORT,
    tls: readTls(values),
    apiKeysFile: values.API_KEYS_FILE,
    tokens: readTokens(values),
    clientCertsFile: values.CLIENT_CERTS_FILE,
    authFailuresPerMinute: values.AUTH_FAILURES_PER_MINUTE,
    insecureNoAuth: values.INSECURE_NO_AUTH,
    tenantHeader: values.TENANT_HEADER,
    backend,
    pool: {
      channelsPerNode: values.POOL_CHANNELS_PER_NODE,
      connectTimeoutMs: values.POOL_CONNECT_TIMEOUT_MS,
      maxInFlight: values.POOL_MAX_IN_FLIGHT,
      maxQueue: values.POOL_MAX_QUEUE,
      maxChannelAgeMs: values.POOL_MAX_CHANNEL_AGE_MS,
    },
    breaker: {
      windowMs: values.BREAKER_WINDOW_MS,
      minCalls: values.BREAKER_MIN_CALLS,
      failurePercent: values.BREAKER_FAILURE_PERCENT,
      openMs: values.BREAKER_OPEN_MS,
      probeTimeoutMs: values.BREAKER_PROBE_TIMEOUT_MS,
    },
    retry: {
      maxAttempts: values.RETRY_MAX_ATTEMPTS,
      baseDelayMs: values.RETRY_BASE_DELAY_MS,
      maxDelayMs: values.RETRY_MAX_DELAY_MS,
      budgetPercent: values.RETRY_BUDGET_PERCENT,
    },
    limits: assembleLimits(values),
    metrics,
    log: { level: values.LOG_LEVEL, format: values.LOG_FORMAT },
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    factsTtlMs: values.FACTS_TTL_MS,
    warnings: warningsOf(values, backend),
  };
}

function readTls(values: Values): Config['tls'] {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_CLIENT_CA_FILE: clientCaFile } = values;
  if (certFile === undefined || keyFile === undefined) return undefined;
  const requiresClientCert = clientCaFile !== undefined && values.TLS_CLIENT_CERT === 'required';
  return { certFile, keyFile, clientCaFile, requiresClientCert };
}

function assembleLimits(values: Values): LimitsConfig {
  return {
    maxMessageBytes: values.MAX_MESSAGE_BYTES,
    maxMetadataBytes: values.MAX_METADATA_BYTES,
    maxStreamBytes: values.MAX_STREAM_BYTES,
    maxTenantBytes: values.MAX_TENANT_BYTES,
    maxProcessBytes: values.MAX_PROCESS_BYTES,
    maxConcurrentStreams: values.MAX_CONCURRENT_STREAMS,
    defaultDeadlineMs: values.DEFAULT_DEADLINE_MS,
    streamIdleMs: values.STREAM_IDLE_MS,
    batchPoints: values.BATCH_POINTS,
    batchBytes: values.BATCH_BYTES,
    batchesInFlight: values.BATCHES_IN_FLIGHT,
    tunesBatches: values.BATCH_TUNING === 'on',
  };
}

function warningsOf(values: Values, backend: BackendConfig): string[] {
  const warnings: string[] = [];
  const open = !isLoopback(values.HOST);
  const asks = asksForIdentity(values);
  if (open && !asks) {
    warnings.push(
      `NO AUTHENTICATION: whoever can reach ${values.HOST} may read and delete the data of every tenant`,
    );
  }
  if (open && asks && values.TLS_CERT_FILE === undefined) {
    warnings.push(
      'keys and tokens travel unencrypted: set TLS_CERT_FILE and TLS_KEY_FILE, or end TLS in front',
    );
  }
  if (asks && values.INSECURE_NO_AUTH) {
    warnings.push('INSECURE_NO_AUTH has no effect: callers are asked who they are');
  }
  if (values.METRICS_PORT !== 'off' && !isLoopback(values.METRICS_HOST)) {
    warnings.push(`/metrics is open to whoever can reach ${values.METRICS_HOST}`);
  }
  if (backend.kind === 'qdrant') warnings.push(...qdrantWarnings(backend));
  return warnings;
}

function qdrantWarnings(backend: QdrantBackendConfig): string[] {
  const exposed = backend.endpoints.filter(isExposed);
  const warnings: string[] = [];
  // Not refused: inside the private network of a compose file or a cluster this is the common set-up.
  if (backend.apiKey !== undefined && exposed.length > 0) {
    const nodes = exposed.map((endpoint) => endpoint.address).join(', ');
    warnings.push(
      `QDRANT_API_KEY travels unencrypted to ${nodes}: use https:// unless that network is closed`,
    );
  }
  const hasTlsFiles = backend.caFile !== undefined || backend.certFile !== undefined;
  if (hasTlsFiles && backend.endpoints.every((endpoint) => !endpoint.tls)) {
    warnings.push('QDRANT_CA_FILE and QDRANT_CERT_FILE have no effect without https:// in QDRANT_URL');
  }
  return warnings;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
