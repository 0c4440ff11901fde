import { UpsertPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import type { Connection } from './connection.js';
import type { WriteOptions } from './options.js';
import { encodePoint, type PointInput } from './point-codec.js';
import { fromWireId, type PointIdInput } from './point-id.js';
import { upsertOf } from './write-requests.js';

/** A point that was refused, by the gateway or already here. */
export interface RefusedPoint {
  /** Position among the points that were given, from 0. */
  readonly index: number;
  /** Where it could be read. */
  readonly id: PointIdInput | undefined;
  /** A reason of the gateway's list, such as VECTOR_NOT_FINITE; POINT_INVALID for a point that could not be sent. */
  readonly reason: string;
  readonly message: string;
}

export interface UpsertPartialResult {
  /** Points that are stored, or accepted where the call did not wait. */
  readonly upserted: number;
  readonly rejected: number;
  /** By index: all that were refused here, and the first 1,000 that the gateway refused. */
  readonly rejections: readonly RefusedPoint[];
}

/** UpsertPoints with allow_partial. */
export async function upsertPartial(
  connection: Connection,
  collection: string,
  points: Iterable<PointInput>,
  options: WriteOptions,
): Promise<UpsertPartialResult> {
  const sent: { readonly index: number; readonly bytes: Uint8Array }[] = [];
  const here: RefusedPoint[] = [];
  let index = 0;
  for (const point of points) {
    try {
      sent.push({ index, bytes: encodePoint(point) });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      here.push({ index, id: point?.id, reason: 'POINT_INVALID', message: error.message });
    }
    index += 1;
  }
  const [first] = here;
  if (sent.length === 0 && first !== undefined) throw new TypeError(`points[0].${first.message}`);
  const request = upsertOf(
    collection,
    sent.map(({ bytes }) => bytes),
    { ...options, allowPartial: true },
  );
  const path = '/vectorgateway.v1.PointsService/UpsertPoints';
  const reply = UpsertPointsResponse.decode(await connection.unary(path, request, options));
  const there = reply.rejections.map(
    (rejection): RefusedPoint => ({
      index: sent[Number(rejection.index)]?.index ?? -1,
      id: fromWireId(rejection.id),
      reason: rejection.reason,
      message: rejection.field === '' ? rejection.message : `${rejection.field}: ${rejection.message}`,
    }),
  );
  const rejected = here.length + Number(reply.rejected ?? 0);
  const rejections = [...here, ...there].sort((a, b) => a.index - b.index);
  return { upserted: index - rejected, rejected, rejections };
}
