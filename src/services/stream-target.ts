import type { CallContext } from '../backend/index.js';
import type { TenantScope } from '../tenancy/index.js';
import { type CheckedPoint, encodePointsBody } from '../wire/index.js';
import { CollectionAccess } from './collection-access.js';
import type { ServiceDeps } from './deps.js';
import { plainVectorSize } from './facts.js';
import { readUpdateResult } from './update-result.js';

/** An open collection that a stream writes to. */
export interface StreamTarget {
  /** Floats that each vector must have. */
  readonly dimension: number;
  /** Resolves when the points are durable. */
  send(
    points: readonly CheckedPoint[],
    ordering: Uint8Array | undefined,
    context: CallContext,
  ): Promise<void>;
}

/** Opens the tenant's collection for a stream. Throws COLLECTION_NAME_INVALID or COLLECTION_NOT_FOUND. */
export async function openStreamTarget(
  deps: ServiceDeps,
  scope: TenantScope,
  collection: string,
  context: CallContext,
  rpc: 'StreamUpsertPoints' | 'IngestPoints',
): Promise<StreamTarget> {
  const access = new CollectionAccess(deps, scope, collection, context);
  // A stream lives long: it begins with what the backend says now, not with what was cached.
  const dimension = plainVectorSize(await access.freshFacts());
  return {
    dimension,
    async send(points, ordering, sendContext) {
      deps.onPoints(rpc, points.length);
      const body = encodePointsBody(points, { wait: true, ordering });
      readUpdateResult(await access.call('Points/Upsert', body, sendContext), true);
    },
  };
}
