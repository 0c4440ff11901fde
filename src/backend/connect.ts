import { type ChannelCredentials, credentials, type Metadata, status } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import { encodeAliasActions, readAliases } from './aliases.js';
import { CallCredentials } from './call-credentials.js';
import { Caller } from './caller.js';
import { diagnose } from './diagnose.js';
import { Endpoint } from './endpoint.js';
import { AttemptError } from './failure.js';
import type { Attempt, Lane } from './lane.js';
import {
  listAliasesMethod,
  listMethod,
  methods,
  type UnnamedMethod,
  updateAliasesMethod,
} from './methods.js';
import type { BackendOptions } from './options.js';
import { Pool } from './pool.js';
import { readCollectionNames, readVersion, withCollectionName } from './requests.js';
import type { Backend, BackendHooks, BackendStats, CallContext } from './types.js';

/** Connects to a Qdrant. Nothing is awaited: calls wait for a connection, and recover with it. */
export function connectBackend(options: BackendOptions): Backend {
  const hooks = options.hooks ?? {};
  const callCredentials = new CallCredentials(options.apiKey, options.mintsTokens === true);
  const metadata = callCredentials.ofGateway;
  const refresh = (): void => pool.refresh();
  const endpoints = options.endpoints.map((_, index) =>
    makeEndpoint(options, index, metadata, hooks, refresh),
  );
  if (endpoints.length === 0) throw new RangeError('a backend has at least one endpoint');
  const pool = new Pool<Lane, Endpoint>(endpoints, options.pool);
  const { retry, defaultDeadlineMs } = options;
  const caller = new Caller({ pool, credentials: callCredentials, retry, defaultDeadlineMs, hooks });
  const unnamed = (method: UnnamedMethod, request: Buffer, context: CallContext) =>
    caller.run({ method: method.name, info: method.info, name: '', request }, context);
  const stats = (): BackendStats => {
    const each = endpoints.map((endpoint) => endpoint.stats());
    const inFlight = each.reduce((sum, endpoint) => sum + endpoint.inFlight, 0);
    return { inFlight, waiting: pool.waiting, endpoints: each };
  };
  return {
    call: (method, { forBackend: name }, body, context) =>
      caller.run({ method, info: methods[method], name, request: withCollectionName(name, body) }, context),
    listCollections: async (context) => readCollectionNames(await unnamed(listMethod, empty, context)),
    listAliases: async (context) => readAliases(await unnamed(listAliasesMethod, empty, context)),
    updateAliases: (actions, context) => unnamed(updateAliasesMethod, encodeAliasActions(actions), context),
    check: (context) => check(endpoints, context, options.defaultDeadlineMs, hooks, callCredentials),
    stats,
    close: async () => {
      pool.close();
      await until(() => stats().inFlight === 0, closeGraceMs);
      for (const endpoint of endpoints) endpoint.close();
    },
  };
}

function makeEndpoint(
  options: BackendOptions,
  index: number,
  metadata: Metadata,
  hooks: BackendHooks,
  onChange: () => void,
): Endpoint {
  const { address, tls } = options.endpoints[index] ?? { address: '', tls: false };
  return new Endpoint({
    address,
    tls,
    credentials: tls ? tlsCredentials(options) : credentials.createInsecure(),
    metadata,
    pool: options.pool,
    breaker: options.breaker,
    onChange,
    onBreaker: (state) => {
      hooks.onBreakerChange?.(index, state);
      if (state === 'half_open') return;
      const text = state === 'open' ? 'failed too often: no calls for a while' : 'answers again';
      hooks.onLog?.(state === 'open' ? 'warn' : 'info', `backend ${address} ${text}`, {
        endpoint: index,
        state,
      });
    },
  });
}

function tlsCredentials({ ca, cert, key }: BackendOptions): ChannelCredentials {
  return credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
}

/** Asks every node; one that answers is enough, the others are only logged. */
async function check(
  endpoints: readonly Endpoint[],
  context: CallContext,
  defaultDeadlineMs: number,
  hooks: BackendHooks,
  callCredentials: CallCredentials,
): Promise<{ readonly version: string }> {
  const attempt: Attempt = {
    signal: context.signal,
    deadlineAtMs: Math.min(context.deadlineAtMs, Date.now() + defaultDeadlineMs),
  };
  const results = await Promise.allSettled(
    endpoints.map((endpoint) => checkOne(endpoint, attempt, callCredentials)),
  );
  const answered = results.find((result) => result.status === 'fulfilled');
  const failed = results.filter((result) => result.status === 'rejected');
  if (answered === undefined) throw failed[0]?.reason;
  for (const { reason } of failed) {
    hooks.onLog?.(
      'warn',
      `a node of the backend is not usable: ${reason instanceof Error ? reason.message : reason}`,
      {},
    );
  }
  return { version: answered.value };
}

async function checkOne(
  endpoint: Endpoint,
  attempt: Attempt,
  callCredentials: CallCredentials,
): Promise<string> {
  try {
    const version = readVersion(await endpoint.healthCheck(attempt));
    // Qdrant answers a HealthCheck to anybody: only a call that needs the key shows whether it is the right one.
    const refusal = await refusalOf(endpoint, attempt, callCredentials.ofGateway);
    if (refusal !== undefined) throw refusal;
    const token = callCredentials.of('r', nobodysCollection);
    if (token === callCredentials.ofGateway) return version;
    const tokenRefusal = await refusalOf(endpoint, attempt, token);
    if (tokenRefusal === undefined) return version;
    const text = `${endpoint.address} takes the key, but no tokens: QDRANT_JWT_RBAC needs a Qdrant with service.jwt_rbac on`;
    throw new GatewayError('BACKEND_REFUSED_CREDENTIALS', text, { cause: tokenRefusal });
  } catch (error) {
    throw error instanceof AttemptError ? diagnose(error.failure, endpoint) : error;
  }
}

async function refusalOf(
  endpoint: Endpoint,
  attempt: Attempt,
  metadata: Metadata,
): Promise<AttemptError | undefined> {
  try {
    await endpoint.ask(existsMethod, withCollectionName(nobodysCollection, empty), attempt, metadata);
    return undefined;
  } catch (error) {
    if (!(error instanceof AttemptError) || error.failure.kind !== 'answered') return undefined;
    const { code } = error.failure;
    return code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED ? error : undefined;
  }
}

/** Waits for a condition, but not longer than `maxMs`. */
async function until(isTrue: () => boolean, maxMs: number): Promise<void> {
  const endAtMs = Date.now() + maxMs;
  while (!isTrue() && Date.now() < endAtMs) await new Promise((resolve) => setTimeout(resolve, 10));
}

const empty = Buffer.alloc(0);
const existsMethod = 'Collections/CollectionExists';
// Begins like a tenant's collections, and has no tenant: no caller can name it.
const nobodysCollection = 'company_';
// The transport has drained before: who is left here has no caller any more.
const closeGraceMs = 1_000;
