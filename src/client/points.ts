import {
  CountPointsRequest,
  CountPointsResponse,
  DeletePointsRequest,
  ExportPointsRequest,
  GetPointsRequest,
} from '../gen/vectorgateway/v1/points_service.js';
import type { Connection } from './connection.js';
import { type FilterInput, toWireFilter } from './filter.js';
import type { CallOptions } from './options.js';
import type { PayloadInput } from './payload.js';
import {
  decodeExported,
  decodeFound,
  decodeNextOffset,
  decodeRetrieved,
  type FoundPoint,
  type PointInput,
  type StoredPoint,
} from './point-codec.js';
import { type PointIdInput, toWireId } from './point-id.js';
import {
  type NearestOptions,
  queryRequest,
  type Selection,
  type Shown,
  scrollRequest,
  searchRequest,
  setPayloadRequest,
  shownFields,
  toWireSelector,
  upsertRequest,
} from './requests.js';
import { type UpsertAllOptions, type UpsertAllResult, upsertAll } from './upsert-all/index.js';
import type { VectorInput } from './vector.js';

export interface WriteOptions extends CallOptions {
  /** False: answer already when the write is accepted. Default: true. */
  readonly wait?: boolean;
}

export interface ScrollOptions extends CallOptions, Shown {
  readonly filter?: FilterInput;
  /** Points that are read at a time, 1 to 10,000. Default: 256. */
  readonly pageSize?: number;
}

export interface ExportOptions extends CallOptions, Shown {
  readonly filter?: FilterInput;
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
  async upsert(points: Iterable<PointInput>, { wait, ...call }: WriteOptions = {}): Promise<void> {
    await this.#call('UpsertPoints', upsertRequest(this.#collection, points, wait), call);
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
  async delete(selection: Selection, { wait, ...call }: WriteOptions = {}): Promise<void> {
    const points = toWireSelector(selection);
    const request = { collection: this.#collection, wait, points, ordering: undefined };
    await this.#call('DeletePoints', DeletePointsRequest.encode(request).finish(), call);
  }

  /** Sets payload keys, at the root or below `key`, and keeps the others. */
  async setPayload(
    selection: Selection,
    payload: PayloadInput,
    { wait, key, ...call }: WriteOptions & { readonly key?: string } = {},
  ): Promise<void> {
    const request = setPayloadRequest(this.#collection, selection, payload, key, wait);
    await this.#call('SetPayload', request, call);
  }

  /** The points nearest to a vector, the nearest first. */
  async search(vector: VectorInput, options: CallOptions & NearestOptions = {}): Promise<FoundPoint[]> {
    const request = searchRequest(this.#collection, vector, options);
    return decodeFound(await this.#call('SearchPoints', request, options));
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

  /** As scroll, in one stream and with vectors, at the pace of the loop. */
  async *exportAll(options: ExportOptions = {}): AsyncGenerator<StoredPoint, void, undefined> {
    const request = ExportPointsRequest.encode({
      ...shownFields({ withVector: true, ...options }),
      collection: this.#collection,
      filter: options.filter && toWireFilter(options.filter),
      cursor: '',
    });
    const replies = this.#connection.serverStream(pathOf('ExportPoints'), request.finish(), options);
    for await (const reply of replies) yield* decodeExported(reply);
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

  #call(rpc: string, request: Uint8Array, options?: CallOptions): Promise<Buffer> {
    return this.#connection.unary(pathOf(rpc), request, options);
  }
}

const pathOf = (rpc: string): string => `/vectorgateway.v1.PointsService/${rpc}`;
