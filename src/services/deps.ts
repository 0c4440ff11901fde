import type { Backend, CallContext } from '../backend/index.js';
import type { TenantScope } from '../tenancy/index.js';
import type { FactsCache } from './facts.js';

/** What every use case works with. */
export interface ServiceDeps {
  readonly backend: Backend;
  readonly facts: FactsCache;
  /** The largest reply that is passed on. */
  readonly maxReplyBytes: number;
  /** Told how many points an RPC is about to send, for metrics. */
  readonly onPoints: (rpc: PointsRpc, count: number) => void;
}

/** RPCs of PointsService that carry points, and qdrant.Points/Upsert. */
export type PointsRpc = 'UpsertPoints' | 'StreamUpsertPoints' | 'IngestPoints' | 'Upsert';

/** A use case: request bytes in, reply bytes out, for one tenant. Rejects with GatewayError. */
export type UnaryUseCase = (
  deps: ServiceDeps,
  scope: TenantScope,
  request: Buffer,
  context: CallContext,
) => Promise<Uint8Array>;
