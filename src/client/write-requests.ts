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
import type { WriteOptions } from './options.js';
import { toWireOrdering } from './ordering.js';
import { type PayloadInput, writePayload } from './payload.js';
import { encodePoint, encodePointVector, type PointInput, type PointVectorInput } from './point-codec.js';
import { type PointIdInput, toWireId } from './point-id.js';

/** Points by id, or all that pass a filter. */
export type Selection =
  | { readonly ids: readonly PointIdInput[]; readonly filter?: undefined }
  | { readonly filter: FilterInput; readonly ids?: undefined };

/** The points that a write is about, and how it is done. */
export interface WriteTarget {
  readonly collection: string;
  readonly selection: Selection;
  readonly options: WriteOptions;
}

export function upsertRequest(
  collection: string,
  points: Iterable<PointInput>,
  options: WriteOptions,
): Uint8Array {
  return upsertOf(collection, encodeEach(points, encodePoint), options);
}

/** Of points that are encoded already. */
export function upsertOf(
  collection: string,
  points: readonly Uint8Array[],
  { allowPartial, ...options }: WriteOptions & { readonly allowPartial?: boolean },
): Uint8Array {
  const request = { ...written(options), collection, allowPartial, points: [] };
  return withPoints(UpsertPointsRequest.encode(request), points);
}

export function updateVectorsRequest(
  collection: string,
  points: Iterable<PointVectorInput>,
  options: WriteOptions,
): Uint8Array {
  const writer = UpdateVectorsRequest.encode({ ...written(options), collection, points: [] });
  return withPoints(writer, encodeEach(points, encodePointVector));
}

export function deleteRequest({ collection, selection, options }: WriteTarget): Uint8Array {
  const points = toWireSelector(selection);
  return DeletePointsRequest.encode({ ...written(options), collection, points }).finish();
}

/** Also an OverwritePayloadRequest, which has no `key`. */
export function setPayloadRequest(
  { collection, selection, options }: WriteTarget,
  payload: PayloadInput,
  key?: string,
): Uint8Array {
  const pointsSelector = toWireSelector(selection);
  const request = { ...written(options), collection, key, pointsSelector, payload: new Map() };
  const writer = SetPayloadRequest.encode(request, new BinaryWriter());
  writePayload(writer, 3, payload);
  return writer.finish();
}

export function deletePayloadRequest(
  { collection, selection, options }: WriteTarget,
  keys: readonly string[],
): Uint8Array {
  const pointsSelector = toWireSelector(selection);
  return DeletePayloadRequest.encode({
    ...written(options),
    collection,
    keys: [...keys],
    pointsSelector,
  }).finish();
}

export function clearPayloadRequest({ collection, selection, options }: WriteTarget): Uint8Array {
  const points = toWireSelector(selection);
  return ClearPayloadRequest.encode({ ...written(options), collection, points }).finish();
}

function written({ wait, ordering }: WriteOptions) {
  return { wait, ordering: toWireOrdering(ordering) };
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
