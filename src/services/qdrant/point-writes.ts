import { type DescMessage, toBinary } from '@bufbuild/protobuf';
import { UpdatePointVectorsSchema, UpsertPointsSchema } from '@qdrant/js-client-grpc';
import type { CollectionMethod } from '../../backend/index.js';
import { appendPoints, type CheckResult, checkPoints, checkPointVectors } from '../../wire/index.js';
import { splitPoints } from '../../wire/qdrant/index.js';
import { withVectorSize } from '../collection-access.js';
import type { UnaryUseCase } from '../deps.js';
import { rejectionError } from '../rejections.js';
import { type AboutCollection, readEncoded, readRequest } from '../request.js';

/** qdrant.Points/Upsert: all points or none. */
export const upsert = pointWrite('Points/Upsert', UpsertPointsSchema, checkPoints);

/** qdrant.Points/UpdateVectors: all points are checked before any is sent. */
export const updateVectors = pointWrite('Points/UpdateVectors', UpdatePointVectorsSchema, checkPointVectors);

/**
 * Points with one vector, the most there are, travel as the caller's bytes; points of any other shape are decoded and
 * encoded again, which takes ten times as long.
 */
function pointWrite<Desc extends DescMessage>(
  method: CollectionMethod,
  schema: AboutCollection<Desc>,
  check: (points: readonly Uint8Array[], dimension: number) => CheckResult,
): UnaryUseCase {
  return async (deps, scope, request, context) => {
    const { points, rest } = splitPoints(request);
    const head = await readRequest(deps, scope, schema, rest, context);
    if (method === 'Points/Upsert') deps.onPoints('Upsert', points.length);
    const sendWhole = async (): Promise<Uint8Array> => {
      const { access, body } = await readEncoded(deps, scope, schema, request, context);
      return access.call(method, body);
    };
    if (!head.facts.isPlain) return sendWhole();
    const { checked, rejected } = await withVectorSize(
      head.access,
      (dimension) => check(points, dimension),
      (result) => result.rejected.some(({ reason }) => reason === 'VECTOR_DIMENSION_MISMATCH'),
    );
    // The one vector may be written as one with a name, which is empty.
    if (rejected.some(({ reason }) => reason === 'FIELD_UNSUPPORTED')) return sendWhole();
    if (rejected.length > 0) throw rejectionError(rejected, points.length);
    return head.access.call(method, appendPoints(toBinary(schema, head.message), checked));
  };
}
