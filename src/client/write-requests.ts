import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { PointsSelector } from '../gen/vectorgateway/v1/points.js';
import {
  ClearPayloadRequest,
  DeletePayloadRequest,
  DeletePointsRequest,
  SetPayloadRequest,
  UpdateVectorsRequest,
  UpsertPointsRequest,
} from '../gen/vectorgateway/v1/points_service.js';
import { type FilterInput, toWireFilter } from './filter.js';
import { type PayloadInput, writePayload } from './payload.js';
import { encodePoint, encodePointVector, type PointInput, type PointVectorInput } from './point-codec.js';
import { type PointIdInput, toWireId } from './point-id.js';

/** Points by id, or all that pass a filter. */
export type Selection =
  | { readonly ids: readonly PointIdInput[]; readonly filter?: undefined }
  | { readonly filter: FilterInput; readonly ids?: undefined };

/** The points that a write is about, and whether it waits. */
export interface WriteTarget {
  readonly collection: string;
  readonly selection: Selection;
  readonly wait: boolean | undefined;
}

export function upsertRequest(
  collection: string,
  points: Iterable<PointInput>,
  wait: boolean | undefined,
): Uint8Array {
  return upsertOf(collection, encodeEach(points, encodePoint), { wait });
}

/** Of points that are encoded already. */
export function upsertOf(
  collection: string,
  points: readonly Uint8Array[],
  options: { readonly wait: boolean | undefined; readonly allowPartial?: boolean },
): Uint8Array {
  const writer = UpsertPointsRequest.encode({
    collection,
    wait: options.wait,
    allowPartial: options.allowPartial,
    points: [],
    ordering: undefined,
  });
  return withPoints(writer, points);
}

export function updateVectorsRequest(
  collection: string,
  points: Iterable<PointVectorInput>,
  wait: boolean | undefined,
): Uint8Array {
  const writer = UpdateVectorsRequest.encode({ collection, wait, points: [], ordering: undefined });
  return withPoints(writer, encodeEach(points, encodePointVector));
}

export function deleteRequest({ collection, selection, wait }: WriteTarget): Uint8Array {
  const points = toWireSelector(selection);
  return DeletePointsRequest.encode({ collection, wait, points, ordering: undefined }).finish();
}

/** Also an OverwritePayloadRequest, which has no `key`. */
export function setPayloadRequest(
  { collection, selection, wait }: WriteTarget,
  payload: PayloadInput,
  key?: string,
): Uint8Array {
  const pointsSelector = toWireSelector(selection);
  const writer = SetPayloadRequest.encode(
    { collection, wait, key, pointsSelector, payload: new Map(), ordering: undefined },
    new BinaryWriter(),
  );
  writePayload(writer, 3, payload);
  return writer.finish();
}

export function deletePayloadRequest(
  { collection, selection, wait }: WriteTarget,
  keys: readonly string[],
): Uint8Array {
  const pointsSelector = toWireSelector(selection);
  const request = { collection, wait, keys: [...keys], pointsSelector, ordering: undefined };
  return DeletePayloadRequest.encode(request).finish();
}

export function clearPayloadRequest({ collection, selection, wait }: WriteTarget): Uint8Array {
  const points = toWireSelector(selection);
  return ClearPayloadRequest.encode({ collection, wait, points, ordering: undefined }).finish();
}

/** Throws TypeError unless it is ids or a filter: of neither, a selection is not of all points. */
function toWireSelector({ ids, filter }: Selection): PointsSelector {
  if (ids !== undefined && filter === undefined) {
    return { pointsSelectorOneOf: { $case: 'points', value: { ids: ids.map(toWireId) } } };
  }
  if (filter !== undefined && ids === undefined) {
    return { pointsSelectorOneOf: { $case: 'filter', value: toWireFilter(filter) } };
  }
  throw new TypeError('selection: give either ids or a filter');
}

// Points are field 3 of each request that has some.
function withPoints(writer: BinaryWriter, points: readonly Uint8Array[]): Uint8Array {
  for (const point of points) writer.uint32(26).bytes(point);
  return writer.finish();
}

function encodeEach<Input>(inputs: Iterable<Input>, encode: (input: Input) => Uint8Array): Uint8Array[] {
  return Array.from(inputs, (input, index) => {
    try {
      return encode(input);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new TypeError(`points[${index}].${error.message}`, { cause: error });
    }
  });
}
