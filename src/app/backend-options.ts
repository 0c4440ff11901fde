import { readFile } from 'node:fs/promises';
import type { BackendOptions } from '../backend/index.js';
import type { Config } from '../config/index.js';
import type { EmbeddedStore } from '../embedded/index.js';
import type { Logger, Metrics } from '../observe/index.js';

/** How the backend is reached: the nodes of Qdrant, or the socket of the embedded store. */
export async function backendOptions(
  config: Config,
  store: EmbeddedStore | undefined,
  log: Logger,
  metrics: Metrics,
): Promise<BackendOptions> {
  const { pool, breaker, retry, limits } = config;
  return {
    ...(await placeOf(config, store)),
    pool,
    breaker,
    retry,
    defaultDeadlineMs: limits.defaultDeadlineMs,
    hooks: {
      onAttempt: (outcome) => metrics.attempt(outcome),
      onRetry: () => metrics.retry(),
      onLog: (level, message, fields) => log[level](message, fields),
    },
  };
}

async function placeOf(
  { backend }: Config,
  store: EmbeddedStore | undefined,
): Promise<Pick<BackendOptions, 'endpoints' | 'apiKey' | 'mintsTokens' | 'ca' | 'cert' | 'key'>> {
  if (backend.kind === 'embedded') {
    if (store === undefined) throw new TypeError('the embedded store is the backend but was not started');
    return { endpoints: [{ address: store.address, tls: false }] };
  }
  const [ca, cert, key] = await Promise.all([
    readOptional(backend.caFile),
    readOptional(backend.certFile),
    readOptional(backend.keyFile),
  ]);
  const { endpoints, apiKey, mintsTokens } = backend;
  return { endpoints, apiKey, mintsTokens, ca, cert, key };
}

async function readOptional(path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : readFile(path);
}
