import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type {
  PointsSelector,
  SearchParams,
  WithPayloadSelector,
  WithVectorsSelector,
} from '../gen/vectorgateway/v1/points.js';
import {
  QueryPointsRequest,
  ScrollPointsRequest,
  SearchPointsRequest,
  SetPayloadRequest,
  UpsertPointsRequest,
} from '../gen/vectorgateway/v1/points_service.js';
import { type FilterInput, toWireFilter } from './filter.js';
import { type PayloadInput, writePayload } from './payload.js';
import { encodePoint, type PointInput } from './point-codec.js';
import { type PointIdInput, toWireId } from './point-id.js';
import { type VectorInput, writeVector } from './vector.js';

/** Points by id, or all that pass a filter. */
export type Selection =
  | { readonly ids: readonly PointIdInput[]; readonly filter?: undefined }
  | { readonly filter: FilterInput; readonly ids?: undefined };

/** What of each point comes back. */
export interface Shown {
  /** All of the payload (the default), none, or the fields with these paths. */
  readonly withPayload?: boolean | readonly string[];
  /** Default: false. */
  readonly withVector?: boolean;
}

export interface NearestOptions extends Shown {
  readonly filter?: FilterInput;
  /** 1 to 10,000. Default: 10. */
  readonly limit?: number;
  readonly offset?: number;
  /** Strict: only scores above it (Cosine, Dot) or distances below it (Euclid, Manhattan). */
  readonly scoreThreshold?: number;
  /** Search without the approximate index. */
  readonly exact?: boolean;
  /** Size of the beam in the HNSW graph: larger is more precise and slower. */
  readonly hnswEf?: number;
}

export function upsertRequest(
  collection: string,
  points: Iterable<PointInput>,
  wait: boolean | undefined,
): Uint8Array {
  const rest = { collection, wait, points: [], ordering: undefined, allowPartial: undefined };
  const writer = UpsertPointsRequest.encode(rest);
  let index = 0;
  for (const point of points) {
    writer.uint32(26).bytes(within(`points[${index}]`, () => encodePoint(point)));
    index += 1;
  }
  return writer.finish();
}

export function searchRequest(collection: string, vector: VectorInput, options: NearestOptions): Uint8Array {
  const writer = SearchPointsRequest.encode({
    ...nearestFields(options),
    collection,
    vector: [],
    limit: whole('limit', options.limit ?? 0),
  });
  writeVector(writer, 2, vector);
  return writer.finish();
}

export function queryRequest(collection: string, id: PointIdInput, options: NearestOptions): Uint8Array {
  const nearest = { variant: { $case: 'id', value: toWireId(id) } } as const;
  return QueryPointsRequest.encode({
    ...nearestFields(options),
    collection,
    limit: whole('limit', options.limit ?? 0),
    query: { variant: { $case: 'nearest', value: nearest } },
  }).finish();
}

export function scrollRequest(
  collection: string,
  options: Shown & { readonly filter?: FilterInput },
  limit: number,
  offset: PointIdInput | undefined,
): Uint8Array {
  return ScrollPointsRequest.encode({
    ...shownFields(options),
    collection,
    filter: options.filter && toWireFilter(options.filter),
    offset: offset === undefined ? undefined : toWireId(offset),
    limit,
  }).finish();
}

export function setPayloadRequest(
  collection: string,
  selection: Selection,
  payload: PayloadInput,
  key: string | undefined,
  wait: boolean | undefined,
): Uint8Array {
  const pointsSelector = toWireSelector(selection);
  const writer = SetPayloadRequest.encode(
    { collection, wait, key, pointsSelector, payload: new Map(), ordering: undefined },
    new BinaryWriter(),
  );
  writePayload(writer, 3, payload);
  return writer.finish();
}

/** Throws TypeError unless it is ids or a filter: of neither, a selection is not of all points. */
export function toWireSelector({ ids, filter }: Selection): PointsSelector {
  if (ids !== undefined && filter === undefined) {
    return { pointsSelectorOneOf: { $case: 'points', value: { ids: ids.map(toWireId) } } };
  }
  if (filter !== undefined && ids === undefined) {
    return { pointsSelectorOneOf: { $case: 'filter', value: toWireFilter(filter) } };
  }
  throw new TypeError('selection: give either ids or a filter');
}

export function shownFields({ withPayload = true, withVector = false }: Shown): {
  withPayload: WithPayloadSelector;
  withVectors: WithVectorsSelector;
} {
  return {
    withPayload: {
      asStruct: false,
      selectorOptions:
        typeof withPayload === 'boolean'
          ? { $case: 'enable', value: withPayload }
          : { $case: 'include', value: { fields: [...withPayload] } },
    },
    withVectors: { selectorOptions: { $case: 'enable', value: withVector } },
  };
}

function nearestFields(options: NearestOptions) {
  const { filter, offset, scoreThreshold, exact, hnswEf } = options;
  const params: SearchParams | undefined =
    exact === undefined && hnswEf === undefined
      ? undefined
      : { exact, hnswEf: hnswEf === undefined ? undefined : whole('hnswEf', hnswEf) };
  return {
    ...shownFields(options),
    filter: filter && toWireFilter(filter),
    params,
    scoreThreshold,
    offset: offset === undefined ? undefined : whole('offset', offset),
  };
}

function whole(name: string, value: number): bigint {
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new TypeError(`${name}: must be an integer from 0, not ${value}`);
}

function within<Result>(path: string, encode: () => Result): Result {
  try {
    return encode();
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`${path}.${error.message}`, { cause: error }) : error;
  }
}
