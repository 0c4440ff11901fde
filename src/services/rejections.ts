import { type FieldViolation, GatewayError } from '../errors/index.js';
import type { PointRejection } from '../gen/vectorgateway/v1/points.js';
import type { RejectedPoint } from '../wire/index.js';

/** Rejections in the API's form; `firstIndex` is the stream index of the message's first point. */
export function toRejection(rejected: RejectedPoint, firstIndex = 0): PointRejection {
  const { id } = rejected;
  const options =
    id === undefined
      ? undefined
      : 'num' in id
        ? { $case: 'num' as const, value: id.num }
        : { $case: 'uuid' as const, value: id.uuid };
  return {
    index: BigInt(firstIndex + rejected.index),
    id: options === undefined ? undefined : { pointIdOptions: options },
    reason: rejected.reason,
    field: rejected.field,
    message: rejected.message,
  };
}

/** The error for a request with bad points: the first one in words, all of them as field violations. */
export function rejectionError(rejected: readonly RejectedPoint[], total: number): GatewayError {
  const violations: FieldViolation[] = rejected.slice(0, maxViolations).map((point) => ({
    field: pathOf(point),
    description: point.message,
    reason: point.reason,
  }));
  const first = rejected[0];
  if (first === undefined) throw new RangeError('rejectionError needs at least one rejected point');
  const others = rejected.length === 1 ? '' : ` (and ${rejected.length - 1} more of ${total} points are bad)`;
  return new GatewayError(first.reason, `${pathOf(first)}: ${first.message}${others}; nothing was stored`, {
    violations,
    metadata: { rejected: String(rejected.length) },
  });
}

function pathOf(point: RejectedPoint): string {
  return point.field === '' ? `points[${point.index}]` : `points[${point.index}].${point.field}`;
}

const maxViolations = 100;
