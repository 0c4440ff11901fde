import { fromBinary } from '@bufbuild/protobuf';
import { PointsOperationResponseSchema, UpdateStatus as QdrantStatus } from '@qdrant/js-client-grpc';
import { GatewayError } from '../errors/index.js';
import { type UpdateResult, UpdateStatus } from '../gen/vectorgateway/v1/points.js';

/**
 * Reads what became of a write. Only Completed counts as done, or Acknowledged where the caller did not wait;
 * anything else throws WRITE_NOT_COMPLETED, because the write may or may not be applied later.
 */
export function readUpdateResult(reply: Uint8Array, wait: boolean): UpdateResult {
  const result = fromBinary(PointsOperationResponseSchema, reply).result;
  const operationId = result?.operationId;
  if (result?.status === QdrantStatus.Completed) {
    return { operationId, status: UpdateStatus.UPDATE_STATUS_COMPLETED };
  }
  if (result?.status === QdrantStatus.Acknowledged && !wait) {
    return { operationId, status: UpdateStatus.UPDATE_STATUS_ACKNOWLEDGED };
  }
  const status =
    result === undefined ? 'nothing' : (QdrantStatus[result.status] ?? `status ${result.status}`);
  throw new GatewayError(
    'WRITE_NOT_COMPLETED',
    `the backend answered ${status} instead of Completed: the write may or may not be applied; sending it again is safe`,
    { indeterminate: true },
  );
}
