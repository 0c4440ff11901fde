import type { ServerCredentials } from '@grpc/grpc-js';
import { type Backend, connectBackend } from '../backend/index.js';
import type { Config } from '../config/index.js';
import { type EmbeddedStore, startEmbeddedStore } from '../embedded/index.js';
import {
  createMetrics,
  type Logger,
  type Metrics,
  type MetricsServer,
  startMetricsServer,
} from '../observe/index.js';
import { FactsCache, type ServiceDeps } from '../services/index.js';
import {
  ByteBudget,
  collectionsTable,
  exportRow,
  ingestRow,
  pointsTable,
  qdrantServices,
  ReadGate,
  ReplyRoom,
  searchStreamRow,
  startTransport,
  type Transport,
  upsertStreamRow,
} from '../transport/index.js';
import { checkBackend } from './backend-check.js';
import { backendOptions } from './backend-options.js';
import { backendVersion } from './backend-version.js';
import { reportCall } from './call-report.js';
import { closeBehind, createGateway, type Gateway, type Life } from './gateway.js';
import { routeGrpcLogs } from './grpc-logging.js';
import { type OpenedIdentity, openIdentity } from './identity.js';
import { openCredentials } from './tls-credentials.js';
import { readVersion } from './version.js';

/**
 * Opens everything in order and starts to serve. When a later step fails, what was opened is closed again and the
 * error is thrown. A backend that cannot be reached is no such failure: it is logged, and calls recover with it.
 */
export async function startGateway(config: Config, log: Logger): Promise<Gateway> {
  routeGrpcLogs(log);
  const metrics = createMetrics({ version: readVersion() });
  const credentials = await openCredentials(config.tls);
  const identity = await openIdentity(config, log);
  const life: Life = { phase: 'starting' };
  let store: EmbeddedStore | undefined;
  let backend: Backend | undefined;
  let metricsServer: MetricsServer | undefined;
  try {
    store = await openStore(config, log);
    const connected = connectBackend(await backendOptions(config, store, log, metrics));
    backend = connected;
    metricsServer = await openMetrics({ config, log, metrics, backend: connected, life });
    const parts = { config, log, metrics, backend: connected, identity, credentials };
    const transport = await openTransport(parts);
    await checkBackend(connected, config, log);
    return createGateway({
      config,
      log,
      life,
      identity,
      store,
      backend: connected,
      metricsServer,
      transport,
    });
  } catch (error) {
    await closeBehind({ log, identity, store, backend, metricsServer });
    throw error;
  }
}

interface TransportParts {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly backend: Backend;
  readonly identity: OpenedIdentity;
  readonly credentials: ServerCredentials;
}

function openTransport(parts: TransportParts): Promise<Transport> {
  const { config, metrics, backend } = parts;
  const { limits } = config;
  const facts = new FactsCache(backend, { ttlMs: config.factsTtlMs, maxEntries: maxCachedFacts });
  const deps: ServiceDeps = {
    backend,
    facts,
    maxReplyBytes,
    onPoints: (rpc, count) => {
      const service = rpc === 'Upsert' ? 'qdrant.Points' : 'vectorgateway.v1.PointsService';
      metrics.pointsIn(`${service}/${rpc}`, count);
    },
  };
  const budget = new ByteBudget({
    maxProcessBytes: limits.maxProcessBytes,
    maxTenantBytes: limits.maxTenantBytes,
    maxCallBytes: limits.maxStreamBytes,
  });
  const replies = new ReplyRoom({ maxBytes: limits.maxProcessBytes, limitMs: limits.defaultDeadlineMs });
  const gate = new ReadGate(budget, limits.maxMessageBytes, replies);
  metrics.beforeScrape(() => metrics.bytesInFlight(budget.heldBytes + replies.heldBytes));
  const settings = { ...limits, shutdownGraceMs: config.shutdownGraceMs };
  return startTransport({
    host: config.host,
    port: config.port,
    credentials: parts.credentials,
    authenticator: parts.identity.authenticator,
    tenantHeader: config.tenantHeader,
    collections: collectionsTable(deps),
    points: pointsTable(deps, {
      streamUpsertPoints: upsertStreamRow(deps, gate, settings),
      ingestPoints: ingestRow(deps, gate, settings),
      exportPoints: exportRow(deps),
      streamSearchPoints: searchStreamRow(deps, gate, {
        ...settings,
        onFault: (err) => parts.log.error('a search of a stream failed unexpectedly', { err }),
      }),
    }),
    qdrant: qdrantServices(deps),
    backendVersion: backendVersion(backend, config.pool.connectTimeoutMs),
    readBudget: (tenantOf) => gate.interceptor(tenantOf),
    cutOff: (metadata) => gate.cutOff(metadata),
    onHttp2Server: (server) => gate.watch(server),
    limits,
    ...reportCall(parts.log, metrics),
  });
}

async function openStore(config: Config, log: Logger): Promise<EmbeddedStore | undefined> {
  if (config.backend.kind !== 'embedded') return undefined;
  return startEmbeddedStore({
    dataDir: config.backend.dataDir,
    onLog: (level, message, fields) => log[level](message, fields),
  });
}

interface MetricsParts {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly backend: Backend;
  readonly life: Life;
}

async function openMetrics(parts: MetricsParts): Promise<MetricsServer | undefined> {
  const { config, log, metrics, backend, life } = parts;
  if (config.metrics === undefined) return undefined;
  metrics.beforeScrape(() => {
    const { inFlight, waiting, endpoints } = backend.stats();
    for (const [index, { breaker }] of endpoints.entries()) metrics.breakerState(index, breaker);
    metrics.poolInUse(inFlight);
    metrics.poolWaiting(waiting);
  });
  const { host, port, portIsExplicit } = config.metrics;
  const healthz = () => ({ ok: life.phase === 'serving', detail: life.phase });
  try {
    return await startMetricsServer({ host, port, metrics, healthz });
  } catch (error) {
    // Two gateways on one machine is how people try things: only a port that was asked for is worth a refusal.
    if (portIsExplicit) throw error;
    log.warn(`metrics are not served: ${host}:${port} cannot be bound (METRICS_PORT chooses another)`, {
      err: error,
    });
    return undefined;
  }
}

// Qdrant's own limit for a message; the backend's channels accept more, so that the error can say what to do.
const maxReplyBytes = 32 * 1024 * 1024;
const maxCachedFacts = 10_000;
