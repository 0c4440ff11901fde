import {
  FacetPointsRequest,
  QueryPointGroupsRequest,
  QueryPointsRequest,
  SearchPointsBatchRequest,
} from '../gen/vectorgateway/v1/points_service.js';
import { type FilterInput, toWireFilter } from './filter.js';
import { type QueryInput, type QueryOptions, scopeFields, toWireQuery } from './query.js';
import { type NearestOptions, nearestFields, searchRequest } from './requests.js';
import type { VectorInput } from './vector.js';
import { whole } from './whole.js';

/** One search of several. */
export interface BatchSearch extends NearestOptions {
  readonly vector: VectorInput;
}

export interface GroupOptions extends Omit<QueryOptions, 'offset'> {
  /** The payload field whose values make the groups. `limit` counts groups. */
  readonly groupBy: string;
  /** Points in a group. Default: 3. */
  readonly groupSize?: number;
}

export interface FacetOptions {
  readonly filter?: FilterInput;
  /** Values, 1 to 10,000. Default: 10. */
  readonly limit?: number;
  /** Default: false, an estimate. */
  readonly exact?: boolean;
}

export function batchRequest(collection: string, searches: readonly BatchSearch[]): Uint8Array {
  const writer = SearchPointsBatchRequest.encode({ collection, searchPoints: [] });
  for (const { vector, ...options } of searches) {
    writer.uint32(searchesTag).bytes(searchRequest(collection, vector, options));
  }
  return writer.finish();
}

export function anyQueryRequest(
  collection: string,
  query: QueryInput | undefined,
  options: QueryOptions,
): Uint8Array {
  return QueryPointsRequest.encode({
    ...nearestFields(options),
    ...scopeFields(options),
    collection,
    limit: whole('limit', options.limit ?? 0),
    query: query && toWireQuery(query),
  }).finish();
}

export function groupsRequest(collection: string, query: QueryInput, options: GroupOptions): Uint8Array {
  const { groupBy, groupSize } = options;
  return QueryPointGroupsRequest.encode({
    ...nearestFields(options),
    ...scopeFields(options),
    collection,
    limit: whole('limit', options.limit ?? 0),
    groupBy,
    groupSize: groupSize === undefined ? undefined : whole('groupSize', groupSize),
    query: toWireQuery(query),
  }).finish();
}

export function facetRequest(collection: string, key: string, options: FacetOptions): Uint8Array {
  const { filter, limit, exact } = options;
  return FacetPointsRequest.encode({
    collection,
    key,
    filter: filter && toWireFilter(filter),
    limit: limit === undefined ? undefined : whole('limit', limit),
    exact,
  }).finish();
}

// Field 2 of SearchPointsBatchRequest.
const searchesTag = 18;
