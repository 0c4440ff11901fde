import type {
  SearchParams,
  WithPayloadSelector,
  WithVectorsSelector,
} from '../gen/vectorgateway/v1/points.js';
import {
  QueryPointsRequest,
  ScrollPointsRequest,
  SearchPointsRequest,
} from '../gen/vectorgateway/v1/points_service.js';
import { type FilterInput, toWireFilter } from './filter.js';
import { type PointIdInput, toWireId } from './point-id.js';
import { type VectorInput, writeVector } from './vector.js';
import { whole } from './whole.js';

/** What of each point comes back. */
export interface Shown {
  /** All of the payload (the default), none, only the fields with these paths, or all but some. */
  readonly withPayload?: boolean | readonly string[] | { readonly except: readonly string[] };
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
  /** Search only what is indexed already. */
  readonly indexedOnly?: boolean;
  /** Where vectors are quantized: search without, score again with the full vectors, take so many times more for that. */
  readonly quantization?: {
    readonly ignore?: boolean;
    readonly rescore?: boolean;
    readonly oversampling?: number;
  };
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
    prefetch: [],
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

export function shownFields({ withPayload = true, withVector = false }: Shown): {
  withPayload: WithPayloadSelector;
  withVectors: WithVectorsSelector;
} {
  return {
    withPayload: { asStruct: false, selectorOptions: payloadSelector(withPayload) },
    withVectors: { selectorOptions: { $case: 'enable', value: withVector } },
  };
}

function payloadSelector(shown: NonNullable<Shown['withPayload']>): WithPayloadSelector['selectorOptions'] {
  if (typeof shown === 'boolean') return { $case: 'enable', value: shown };
  if ('except' in shown) return { $case: 'exclude', value: { fields: [...shown.except] } };
  return { $case: 'include', value: { fields: [...shown] } };
}

export function nearestFields(options: NearestOptions) {
  const { filter, offset, scoreThreshold } = options;
  return {
    ...shownFields(options),
    filter: filter && toWireFilter(filter),
    params: searchParams(options),
    scoreThreshold,
    offset: offset === undefined ? undefined : whole('offset', offset),
  };
}

export function searchParams(
  options: Pick<NearestOptions, 'exact' | 'hnswEf' | 'indexedOnly' | 'quantization'>,
): SearchParams | undefined {
  const { exact, hnswEf, indexedOnly, quantization } = options;
  const given = [exact, hnswEf, indexedOnly, quantization].some((value) => value !== undefined);
  if (!given) return undefined;
  return {
    exact,
    hnswEf: hnswEf === undefined ? undefined : whole('hnswEf', hnswEf),
    indexedOnly,
    quantization,
  };
}
