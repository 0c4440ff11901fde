import {
  CountPointsRequest,
  CountPointsResponse,
  GetPointsRequest,
} from '../gen/vectorgateway/v1/points_service.js';
import { mapConcurrently } from './concurrent.js';
import type { Connection } from './connection.js';
import { type ExportOptions, type ExportPage, exportPages } from './export-all.js';
import { type FilterInput, toWireFilter } from './filter.js';
import type { CallOptions, WriteOptions } from './options.js';
import type { PayloadInput } from './payload.js';
import {
  decodeFound,
  decodeNextOffset,
  decodeRetrieved,
  type FoundPoint,
  type PointInput,
  type PointVectorInput,
  type StoredPoint,
} from './point-codec.js';
import { type PointIdInput, toWireId } from './point-id.js';
import type { QueryInput, QueryOptions } from './query.js';
import { decodeBatch, decodeFacet, decodeGroups, type FacetCount, type FoundGroup } from './query-replies.js';
import {
  anyQueryRequest,
  type BatchSearch,
  batchRequest,
  type FacetOptions,
  facetRequest,
  type GroupOptions,
  groupsRequest,
} from './query-requests.js';
import { numbersOf } from './reconnect.js';
import {
  type NearestOptions,
  queryRequest,
  type Shown,
  scrollRequest,
  searchRequest,
  shownFields,
} from './requests.js';
import { type SearchAnswer, type StreamedSearch, searchStream } from './search-stream.js';
import { type UpsertAllOptions, type UpsertAllResult, upsertAll } from './upsert-all/index.js';
import { type UpsertPartialResult, upsertPartial } from './upsert-partial.js';
import type { VectorInput } from './vector.js';
import {
  clearPayloadRequest,
  deletePayloadRequest,
  deleteRequest,
  type Selection,
  setPayloadRequest,
  updateVectorsRequest,
  upsertRequest,
  type WriteTarget,
} from './write-requests.js';

export interface ScrollOptions extends CallOptions, Shown {
  readonly filter?: FilterInput;
  /** Points that are read at a time, 1 to 10,000. Default: 256. */
  readonly pageSize?: number;
}

export interface SearchManyOptions extends CallOptions, NearestOptions {
  /** Searches under way at a time. Default: 8. */
  readonly concurrency?: number;
}

const defaultPageSize = 256;

/** The points of one of the tenant's collections. */
export class Points {
  readonly #connection: Connection;
  readonly #collection: string;

  constructor(connection: Connection, collection: string) {
    this.#connection = connection;
    this.#collection = collection;
  }

  /** Stores points, at most 10,000, replacing those with the same ids; none when one is refused. */
  async upsert(points: Iterable<PointInput>, options: WriteOptions = {}): Promise<void> {
    await this.#call('UpsertPoints', upsertRequest(this.#collection, points, options), options);
  }

  /**
   * Stores those of at most 10,000 points that are not refused, and says which are. Rejects, as upsert does, when all of
   * them are.
   */
  upsertPartial(points: Iterable<PointInput>, options: WriteOptions = {}): Promise<UpsertPartialResult> {
    return upsertPartial(this.#connection, this.#collection, points, options);
  }

  /** Stores as many points as the source has, through broken connections; a refused point does not stop the others. */
  upsertAll(
    source: Iterable<PointInput> | AsyncIterable<PointInput>,
    options: UpsertAllOptions = {},
  ): Promise<UpsertAllResult> {
    return upsertAll(this.#connection, this.#collection, source, options);
  }

  /** Ids that do not exist are left out. */
  async get(ids: readonly PointIdInput[], options: CallOptions & Shown = {}): Promise<StoredPoint[]> {
    const request = { ...shownFields(options), collection: this.#collection, ids: ids.map(toWireId) };
    const reply = await this.#call('GetPoints', GetPointsRequest.encode(request).finish(), options);
    return decodeRetrieved(reply, 1);
  }

  /** Ids that do not exist are no error. */
  async delete(selection: Selection, options: WriteOptions = {}): Promise<void> {
    await this.#call('DeletePoints', deleteRequest(this.#target(selection, options)), options);
  }

  /**
   * Replaces the vectors of at most 10,000 points, whose payloads stay. Fails with POINT_NOT_FOUND for an id that does not
   * exist; the others are updated all the same.
   */
  async updateVectors(points: Iterable<PointVectorInput>, options: WriteOptions = {}): Promise<void> {
    const request = updateVectorsRequest(this.#collection, points, options);
    await this.#call('UpdateVectors', request, options);
  }

  /** Sets payload keys, at the root or below `key`, and keeps the others. */
  async setPayload(
    selection: Selection,
    payload: PayloadInput,
    options: WriteOptions & { readonly key?: string } = {},
  ): Promise<void> {
    const request = setPayloadRequest(this.#target(selection, options), payload, options.key);
    await this.#call('SetPayload', request, options);
  }

  /** Replaces the whole payload. */
  async overwritePayload(
    selection: Selection,
    payload: PayloadInput,
    options: WriteOptions = {},
  ): Promise<void> {
    const request = setPayloadRequest(this.#target(selection, options), payload);
    await this.#call('OverwritePayload', request, options);
  }

  /** Removes payload keys, which are paths. */
  async deletePayload(
    selection: Selection,
    keys: readonly string[],
    options: WriteOptions = {},
  ): Promise<void> {
    const request = deletePayloadRequest(this.#target(selection, options), keys);
    await this.#call('DeletePayload', request, options);
  }

  /** Removes all payload. */
  async clearPayload(selection: Selection, options: WriteOptions = {}): Promise<void> {
    await this.#call('ClearPayload', clearPayloadRequest(this.#target(selection, options)), options);
  }

  /** The points nearest to a vector, the nearest first. */
  async search(vector: VectorInput, options: CallOptions & NearestOptions = {}): Promise<FoundPoint[]> {
    const request = searchRequest(this.#collection, vector, options);
    return decodeFound(await this.#call('SearchPoints', request, options));
  }

  /** As search for each vector, some at a time; results in the order of the vectors. The first failure ends all. */
  async searchMany(vectors: Iterable<VectorInput>, options: SearchManyOptions = {}): Promise<FoundPoint[][]> {
    const { concurrency } = numbersOf({ concurrency: 8 }, options, ['concurrency']);
    const search = (vector: VectorInput, signal: AbortSignal) => this.search(vector, { ...options, signal });
    return mapConcurrently(vectors, concurrency, search, options.signal);
  }

  /** As several searches, in one call, at most 256: all are answered, in their order, or none. */
  async searchBatch(searches: readonly BatchSearch[], options: CallOptions = {}): Promise<FoundPoint[][]> {
    const reply = await this.#call('SearchPointsBatch', batchRequest(this.#collection, searches), options);
    return decodeBatch(reply);
  }

  /** Points by any query: examples, an order, results of other queries put together. */
  async query(query: QueryInput, options: CallOptions & QueryOptions = {}): Promise<FoundPoint[]> {
    const request = anyQueryRequest(this.#collection, query, options);
    return decodeFound(await this.#call('QueryPoints', request, options));
  }

  /** As query, the best points of each value of the payload field `groupBy`. */
  async queryGroups(query: QueryInput, options: CallOptions & GroupOptions): Promise<FoundGroup[]> {
    const request = groupsRequest(this.#collection, query, options);
    return decodeGroups(await this.#call('QueryPointGroups', request, options));
  }

  /** How often each value of a payload field occurs, the most frequent first. The field needs an index. */
  async facet(key: string, options: CallOptions & FacetOptions = {}): Promise<FacetCount[]> {
    const request = facetRequest(this.#collection, key, options);
    return decodeFacet(await this.#call('FacetPoints', request, options));
  }

  /**
   * Makes as many searches as the source has on one stream, up to 32 at a time. Answers come as they are done, each with
   * its search, and with an error instead of points where it failed. What ends the stream itself is thrown: searches
   * without an answer may be made again.
   */
  searchStream<Search extends StreamedSearch>(
    source: Iterable<Search> | AsyncIterable<Search>,
    { signal }: Pick<CallOptions, 'signal'> = {},
  ): AsyncGenerator<SearchAnswer<Search>, void, undefined> {
    const open = () => this.#connection.duplex(pathOf('StreamSearchPoints'));
    return searchStream(open, this.#collection, source, signal);
  }

  /** The points nearest to one that is stored, which is left out. */
  async queryById(id: PointIdInput, options: CallOptions & NearestOptions = {}): Promise<FoundPoint[]> {
    const request = queryRequest(this.#collection, id, options);
    return decodeFound(await this.#call('QueryPoints', request, options));
  }

  /** All points, or those that pass a filter, in the order of their ids; a page is read when the loop comes to it. */
  async *scroll(options: ScrollOptions = {}): AsyncGenerator<StoredPoint, void, undefined> {
    let offset: PointIdInput | undefined;
    do {
      const { pageSize = defaultPageSize } = options;
      const request = scrollRequest(this.#collection, options, pageSize, offset);
      const reply = await this.#call('ScrollPoints', request, options);
      yield* decodeRetrieved(reply, 2);
      offset = decodeNextOffset(reply);
    } while (offset !== undefined);
  }

  /** As scroll, in one stream and with vectors, at the pace of the loop; another stream goes on after one that breaks. */
  async *exportAll(options: ExportOptions = {}): AsyncGenerator<StoredPoint, void, undefined> {
    for await (const { points } of this.exportPages(options)) yield* points;
  }

  /** As exportAll, page by page, each with the cursor with which a later export goes on after it. */
  exportPages(options: ExportOptions = {}): AsyncGenerator<ExportPage, void, undefined> {
    return exportPages(this.#connection, this.#collection, options);
  }

  async count(
    options: CallOptions & { readonly filter?: FilterInput; readonly exact?: boolean } = {},
  ): Promise<number> {
    const request = CountPointsRequest.encode({
      collection: this.#collection,
      filter: options.filter && toWireFilter(options.filter),
      exact: options.exact,
    });
    const reply = await this.#call('CountPoints', request.finish(), options);
    return Number(CountPointsResponse.decode(reply).result?.count ?? 0);
  }

  #target(selection: Selection, options: WriteOptions): WriteTarget {
    return { collection: this.#collection, selection, options };
  }

  #call(rpc: string, request: Uint8Array, options?: CallOptions): Promise<Buffer> {
    return this.#connection.unary(pathOf(rpc), request, options);
  }
}

const pathOf = (rpc: string): string => `/vectorgateway.v1.PointsService/${rpc}`;
