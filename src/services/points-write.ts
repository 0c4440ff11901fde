import type { CallContext } from '../backend/index.js';
import { fieldError } from '../errors/index.js';
import { UpdateVectorsResponse, UpsertPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import type { TenantScope } from '../tenancy/index.js';
import {
  type CheckedPoint,
  checkPoints,
  checkPointVectors,
  encodePointsBody,
  type PointsEnvelope,
  type RejectedPoint,
  readPointsEnvelope,
} from '../wire/index.js';
import { CollectionAccess, withVectorSize } from './collection-access.js';
import type { ServiceDeps, UnaryUseCase } from './deps.js';
import { explainPartlyApplied } from './partly-applied.js';
import { rejectionError, toRejection } from './rejections.js';
import { readUpdateResult } from './update-result.js';

/** UpsertPoints: all points or none, unless the caller asked for allow_partial. */
export const upsertPoints: UnaryUseCase = async (deps, scope, request, context) => {
  const batch = await readBatch(deps, scope, request, context, checkPoints);
  const { envelope, rejected } = batch;
  if (rejected.length > 0 && (!envelope.allowPartial || batch.checked.length === 0)) {
    throw rejectionError(rejected, envelope.points.length);
  }
  const wait = envelope.wait ?? true;
  const body = encodePointsBody(batch.checked, { wait, ordering: envelope.ordering });
  deps.onPoints('UpsertPoints', batch.checked.length);
  const result = readUpdateResult(await batch.access.call('Points/Upsert', body), wait);
  return UpsertPointsResponse.encode({
    result,
    rejections: rejected.slice(0, maxListedRejections).map((point) => toRejection(point)),
    rejected: envelope.allowPartial ? BigInt(rejected.length) : undefined,
  }).finish();
};

/** UpdateVectors: all points are checked before any is sent. */
export const updateVectors: UnaryUseCase = async (deps, scope, request, context) => {
  const batch = await readBatch(deps, scope, request, context, checkPointVectors);
  const { envelope, rejected } = batch;
  if (rejected.length > 0) throw rejectionError(rejected, envelope.points.length);
  const wait = envelope.wait ?? true;
  const body = encodePointsBody(batch.checked, { wait, ordering: envelope.ordering });
  const reply = await explainPartlyApplied(envelope.points.length, () =>
    batch.access.call('Points/UpdateVectors', body),
  );
  return UpdateVectorsResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

type Check = (
  points: readonly Uint8Array[],
  dimension: number,
) => { checked: CheckedPoint[]; rejected: RejectedPoint[] };

interface Batch {
  readonly envelope: PointsEnvelope;
  readonly access: CollectionAccess;
  readonly checked: CheckedPoint[];
  readonly rejected: RejectedPoint[];
}

async function readBatch(
  deps: ServiceDeps,
  scope: TenantScope,
  request: Buffer,
  context: CallContext,
  check: Check,
): Promise<Batch> {
  const envelope = readPointsEnvelope(request);
  const access = new CollectionAccess(deps, scope, envelope.collection, context);
  if (envelope.points.length === 0) throw fieldError('FIELD_INVALID', 'points', 'give at least one point');
  const { checked, rejected } = await withVectorSize(
    access,
    (vectorSize) => check(envelope.points, vectorSize),
    (result) => result.rejected.some((point) => point.reason === 'VECTOR_DIMENSION_MISMATCH'),
  );
  return { envelope, access, checked, rejected };
}

const maxListedRejections = 1000;
