import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { codeName } from './code-name.js';
import { boundedLabel } from './labels.js';

export type BreakerState = 'closed' | 'half_open' | 'open';
const breakerStates: readonly BreakerState[] = ['closed', 'half_open', 'open'];

export interface MetricsOptions {
  /** Full names of the RPCs served; any other name is counted as "other". */
  readonly rpcs?: Iterable<string>;
  /** Memory, CPU, event loop of the process; default true. */
  readonly processMetrics?: boolean;
  readonly version?: string;
}

/** Everything that is measured. No label takes a value that a caller chooses, and none names a tenant. */
export interface Metrics {
  /** Adds RPC names that may be used as labels. */
  knowRpcs(rpcs: Iterable<string>): void;
  callStarted(rpc: string): void;
  /** Once for every callStarted. `code` is the gRPC status code. */
  callFinished(call: { readonly rpc: string; readonly code: number; readonly durationMs: number }): void;
  pointsIn(rpc: string, count: number): void;
  bytesIn(rpc: string, bytes: number): void;
  bytesOut(rpc: string, bytes: number): void;
  /** One attempt at the backend; `outcome` is a word of a closed list such as "ok" or a status code's name. */
  attempt(outcome: string): void;
  retry(): void;
  breakerState(endpoint: number, state: BreakerState): void;
  poolInUse(calls: number): void;
  poolWaiting(calls: number): void;
  /** Bytes of requests and of unread replies held for all calls. */
  bytesInFlight(bytes: number): void;
  /** Called before each scrape, to set gauges from what is only known then. */
  beforeScrape(update: () => void): void;
  /** The text form of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

// From a local lookup to a long batch; a search through the gateway takes one to ten milliseconds.
const durationBucketsSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
const MAX_RPC_NAMES = 200;
const MAX_OUTCOMES = 32;
const MAX_ENDPOINTS = 64;

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const set = instruments(registry);
  const rpcs = boundedLabel(MAX_RPC_NAMES, options.rpcs ?? []);
  const outcomes = boundedLabel(MAX_OUTCOMES);
  const updates: (() => void)[] = [];
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  set.info.set({ version: options.version ?? 'unknown', node: process.versions.node }, 1);
  return {
    knowRpcs: (names) => rpcs.know(names),
    callStarted: (rpc) => set.inProgress.inc({ rpc: rpcs.known(rpc) }),
    callFinished({ rpc, code, durationMs }) {
      const labels = { rpc: rpcs.known(rpc), code: codeName(code) };
      set.inProgress.dec({ rpc: labels.rpc });
      set.calls.inc(labels);
      set.durations.observe(labels, durationMs / 1_000);
    },
    pointsIn: (rpc, count) => set.points.inc({ rpc: rpcs.known(rpc) }, count),
    bytesIn: (rpc, bytes) => set.bytesIn.inc({ rpc: rpcs.known(rpc) }, bytes),
    bytesOut: (rpc, bytes) => set.bytesOut.inc({ rpc: rpcs.known(rpc) }, bytes),
    attempt: (outcome) => set.attempts.inc({ outcome: outcomes.learn(outcome) }),
    retry: () => set.retries.inc(),
    breakerState(endpoint, state) {
      if (endpoint < 0 || endpoint >= MAX_ENDPOINTS) return;
      for (const each of breakerStates) {
        set.breaker.set({ endpoint: String(endpoint), state: each }, each === state ? 1 : 0);
      }
    },
    poolInUse: (calls) => set.poolInUse.set(calls),
    poolWaiting: (calls) => set.poolWaiting.set(calls),
    bytesInFlight: (bytes) => set.bytesInFlight.set(bytes),
    beforeScrape: (update) => updates.push(update),
    text() {
      for (const update of updates) update();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function instruments(registry: Registry) {
  const name = (rest: string, help: string) => ({
    name: `vector_gateway_${rest}`,
    help,
    registers: [registry],
  });
  const perCall = ['rpc', 'code'] as const;
  const perRpc = ['rpc'] as const;
  return {
    info: new Gauge({
      ...name('info', 'Always 1; its labels say what runs.'),
      labelNames: ['version', 'node'],
    }),
    calls: new Counter({ ...name('calls_total', 'Calls that ended.'), labelNames: perCall }),
    inProgress: new Gauge({ ...name('calls_in_progress', 'Calls that have not ended.'), labelNames: perRpc }),
    durations: new Histogram({
      ...name('call_duration_seconds', 'Time from the first byte of a call to its status.'),
      labelNames: perCall,
      buckets: durationBucketsSeconds,
    }),
    points: new Counter({
      ...name('points_in_total', 'Points that passed the checks, on their way to the backend.'),
      labelNames: perRpc,
    }),
    bytesIn: new Counter({ ...name('bytes_in_total', 'Bytes of request messages.'), labelNames: perRpc }),
    bytesOut: new Counter({ ...name('bytes_out_total', 'Bytes of reply messages.'), labelNames: perRpc }),
    attempts: new Counter({
      ...name('backend_attempts_total', 'Calls made to the backend.'),
      labelNames: ['outcome'] as const,
    }),
    retries: new Counter(name('backend_retries_total', 'Attempts after the first of a call.')),
    breaker: new Gauge({
      ...name('breaker_state', '1 for the state that the circuit breaker of an endpoint is in.'),
      labelNames: ['endpoint', 'state'] as const,
    }),
    poolInUse: new Gauge(name('pool_in_use', 'Calls running on backend connections.')),
    poolWaiting: new Gauge(name('pool_waiting', 'Calls waiting for a backend connection.')),
    bytesInFlight: new Gauge(name('bytes_in_flight', 'Bytes of requests and unread replies held in memory.')),
  };
}
