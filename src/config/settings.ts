import { clientTlsSettings, identitySettings } from './identity-settings.js';
import { bytes, choice, optionalFile, optionalText, type Setting, text, whole } from './setting.js';

const hostPattern = /^[A-Za-z0-9.:%_-]{1,255}$/;

/** Every variable the gateway reads. The flag of DATA_DIR is --data-dir, and so on; secrets have none. */
export const settings = {
  HOST: text(
    '127.0.0.1',
    { allowed: 'a host name or an IP address, such as 127.0.0.1, ::1 or 0.0.0.0', pattern: hostPattern },
    {
      group: 'Listening',
      description: 'Address to listen on. Off loopback callers must prove who they are.',
    },
  ),
  PORT: whole(50051, 0, 65535, { group: 'Listening', description: 'gRPC port; 0 takes a free one.' }),
  TLS_CERT_FILE: optionalFile({
    group: 'Listening',
    description: 'Certificate chain (PEM) of the gateway; together with TLS_KEY_FILE it turns TLS on.',
  }),
  TLS_KEY_FILE: optionalFile({ group: 'Listening', description: 'Private key (PEM) of TLS_CERT_FILE.' }),

  ...clientTlsSettings,
  ...identitySettings,

  BACKEND: choice('auto', ['auto', 'embedded', 'qdrant'], {
    group: 'Backend',
    description: 'auto: Qdrant when QDRANT_URL is set, else the embedded store (on loopback only).',
  }),
  DATA_DIR: text(
    './data',
    { allowed: 'the path of a folder' },
    { group: 'Backend', description: 'Folder of the embedded store.' },
  ),
  QDRANT_URL: optionalText(
    { allowed: 'http://host:6334 or https://host:6334, several separated by commas' },
    { group: 'Backend', description: "Address of Qdrant's gRPC port; several nodes separated by commas." },
  ),
  QDRANT_API_KEY: optionalText(
    { allowed: 'a line of printable ASCII', pattern: /^[\x21-\x7e]{1,4096}$/, secret: true },
    { group: 'Backend', description: 'API key for Qdrant.' },
  ),
  QDRANT_JWT_RBAC: choice('off', ['off', 'on'], {
    group: 'Backend',
    description:
      'on: calls about points carry a short-lived token for their one collection instead of the key. Qdrant must run with JWT RBAC on.',
  }),
  QDRANT_CA_FILE: optionalFile({ group: 'Backend', description: 'Certificates (PEM) to trust for Qdrant.' }),
  QDRANT_CERT_FILE: optionalFile({ group: 'Backend', description: 'Client certificate (PEM) for Qdrant.' }),
  QDRANT_KEY_FILE: optionalFile({ group: 'Backend', description: 'Private key (PEM) of QDRANT_CERT_FILE.' }),

  POOL_CHANNELS_PER_NODE: whole(4, 1, 64, {
    group: 'Pool, breaker, retry',
    description: 'Connections to each Qdrant node.',
  }),
  POOL_CONNECT_TIMEOUT_MS: whole(
    2_000,
    50,
    60_000,
    { group: 'Pool, breaker, retry', description: 'How long a call waits for a connection that is ready.' },
    'ms',
  ),
  POOL_MAX_IN_FLIGHT: whole(100, 1, 10_000, {
    group: 'Pool, breaker, retry',
    description: 'Calls at a time on one connection.',
  }),
  POOL_MAX_QUEUE: whole(1_000, 0, 100_000, {
    group: 'Pool, breaker, retry',
    description: 'Calls that may wait for a place in the pool; more are refused as OVERLOADED.',
  }),
  POOL_MAX_CHANNEL_AGE_MS: whole(
    1_800_000,
    10_000,
    86_400_000,
    { group: 'Pool, breaker, retry', description: 'Age at which a connection is replaced.' },
    'ms',
  ),
  BREAKER_WINDOW_MS: whole(
    10_000,
    100,
    600_000,
    { group: 'Pool, breaker, retry', description: 'Time over which the circuit breaker counts.' },
    'ms',
  ),
  BREAKER_MIN_CALLS: whole(10, 1, 100_000, {
    group: 'Pool, breaker, retry',
    description: 'Calls in that time below which the breaker stays closed.',
  }),
  BREAKER_FAILURE_PERCENT: whole(50, 1, 100, {
    group: 'Pool, breaker, retry',
    description: 'Share of failed calls that opens the breaker.',
  }),
  BREAKER_OPEN_MS: whole(
    5_000,
    50,
    600_000,
    { group: 'Pool, breaker, retry', description: 'How long it stays open before a probe.' },
    'ms',
  ),
  BREAKER_PROBE_TIMEOUT_MS: whole(
    1_000,
    50,
    60_000,
    { group: 'Pool, breaker, retry', description: 'Deadline of a probe.' },
    'ms',
  ),
  RETRY_MAX_ATTEMPTS: whole(3, 1, 10, {
    group: 'Pool, breaker, retry',
    description: 'Attempts of one call, the first included; only repeatable calls are tried again.',
  }),
  RETRY_BASE_DELAY_MS: whole(
    50,
    1,
    60_000,
    { group: 'Pool, breaker, retry', description: 'First delay of the exponential backoff (full jitter).' },
    'ms',
  ),
  RETRY_MAX_DELAY_MS: whole(
    2_000,
    1,
    60_000,
    { group: 'Pool, breaker, retry', description: 'Longest delay between two attempts.' },
    'ms',
  ),
  RETRY_BUDGET_PERCENT: whole(20, 0, 100, {
    group: 'Pool, breaker, retry',
    description: 'Retries allowed, as a share of the calls of the last 10 s (at least 3).',
  }),

  MAX_MESSAGE_BYTES: bytes('32MiB', '64KiB', '64MiB', {
    group: 'Limits',
    description: 'Largest message read from a caller. A reply may have 32 MiB.',
  }),
  MAX_METADATA_BYTES: bytes('16KiB', '1KiB', '1MiB', {
    group: 'Limits',
    description: 'Largest metadata of one call.',
  }),
  MAX_STREAM_BYTES: bytes('16MiB', '64KiB', '1GiB', {
    group: 'Limits',
    description: 'Bytes of requests held for one call; a larger single message is still read, alone.',
  }),
  MAX_TENANT_BYTES: bytes('128MiB', '64KiB', '64GiB', {
    group: 'Limits',
    description: 'Bytes of requests held for the calls of one tenant; its reading pauses at the bound.',
  }),
  MAX_PROCESS_BYTES: bytes('256MiB', '1MiB', '64GiB', {
    group: 'Limits',
    description:
      'Bytes of requests held for all calls; reading pauses at the bound. As much again for replies.',
  }),
  MAX_CONCURRENT_STREAMS: whole(100, 1, 10_000, {
    group: 'Limits',
    description: 'Calls at a time on one connection of a caller.',
  }),
  DEFAULT_DEADLINE_MS: whole(
    30_000,
    100,
    3_600_000,
    {
      group: 'Limits',
      description:
        'Deadline of a unary call whose caller gave none; its request must arrive whole in this time, and its reply be read in as much.',
    },
    'ms',
  ),
  STREAM_IDLE_MS: whole(
    60_000,
    100,
    3_600_000,
    { group: 'Limits', description: 'A stream on which no message arrives whole for this long is ended.' },
    'ms',
  ),
  BATCH_POINTS: whole(1024, 1, 10_000, {
    group: 'Limits',
    description: 'Most points in one write of a stream to the backend.',
  }),
  BATCH_BYTES: bytes('2MiB', '16KiB', '31MiB', {
    group: 'Limits',
    // Qdrant takes 32 MiB in all: name and settings of the write need some of it.
    description: 'Most bytes in one write of a stream to the backend.',
  }),
  BATCHES_IN_FLIGHT: whole(8, 1, 64, {
    group: 'Limits',
    description: 'Most writes of one stream at a time.',
  }),
  BATCH_TUNING: choice('on', ['on', 'off'], {
    group: 'Limits',
    description:
      'on: a stream begins with 4 writes of 256 points at a time, and both numbers follow how soon the backend answers, from 1 × 64 to these limits. off: it keeps to the limits.',
  }),
  FACTS_TTL_MS: whole(
    30_000,
    0,
    3_600_000,
    { group: 'Limits', description: 'How long size and distance of a collection are remembered.' },
    'ms',
  ),

  METRICS_HOST: text(
    '127.0.0.1',
    { allowed: 'a host name or an IP address', pattern: hostPattern },
    { group: 'Operation', description: 'Address of /metrics and /healthz.' },
  ),
  METRICS_PORT: text(
    '9464',
    { allowed: 'a port from 0 to 65535, or off', pattern: /^(off|\d{1,5})$/ },
    { group: 'Operation', description: 'Port of /metrics and /healthz; off for none.' },
  ),
  LOG_LEVEL: choice('info', ['debug', 'info', 'warn', 'error', 'silent'], {
    group: 'Operation',
    description: 'Least severe level that is logged.',
  }),
  LOG_FORMAT: choice('auto', ['auto', 'json', 'pretty'], {
    group: 'Operation',
    description: 'auto: pretty in a terminal, else one JSON object a line.',
  }),
  SHUTDOWN_GRACE_MS: whole(
    10_000,
    0,
    600_000,
    { group: 'Operation', description: 'Time that calls in flight get after SIGTERM or SIGINT.' },
    'ms',
  ),
} as const satisfies Record<string, Setting<unknown>>;

export type Variable = keyof typeof settings;

/** The parsed value of every variable. */
export type Values = { [V in Variable]: (typeof settings)[V] extends Setting<infer T> ? T : never };

/** All variables in the order of the table. */
// Object.keys loses the key type; the table is closed, so the cast says what is there.
export const variables = Object.keys(settings) as readonly Variable[];

/** "DATA_DIR" → "--data-dir"; undefined for a secret. */
export function flagOf(variable: Variable): string | undefined {
  return settings[variable].secret ? undefined : `--${variable.toLowerCase().replaceAll('_', '-')}`;
}
