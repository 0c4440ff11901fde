import {
  type Collection,
  CreateCollectionRequest,
  CreateCollectionResponse,
  CreatePayloadIndexRequest,
  DeleteCollectionRequest,
  DeleteCollectionResponse,
  DeletePayloadIndexRequest,
  GetCollectionRequest,
  GetCollectionResponse,
  type HnswConfig,
  ListCollectionsRequest,
  ListCollectionsResponse,
  UpdateCollectionRequest,
  UpdateCollectionResponse,
  Distance as WireDistance,
} from '../gen/vectorgateway/v1/collections_service.js';
import { FieldType as WireFieldType } from '../gen/vectorgateway/v1/enums.js';
import type { Connection } from './connection.js';
import { nameOf, numberOf } from './named-numbers.js';
import type { CallOptions, WriteOptions } from './options.js';
import { toWireOrdering } from './ordering.js';
import { whole } from './whole.js';

const distances = {
  cosine: WireDistance.DISTANCE_COSINE,
  euclid: WireDistance.DISTANCE_EUCLID,
  dot: WireDistance.DISTANCE_DOT,
  manhattan: WireDistance.DISTANCE_MANHATTAN,
} as const;
/** How vectors are compared. */
export type Distance = keyof typeof distances;

const fieldTypes = {
  keyword: WireFieldType.FIELD_TYPE_KEYWORD,
  integer: WireFieldType.FIELD_TYPE_INTEGER,
  float: WireFieldType.FIELD_TYPE_FLOAT,
  geo: WireFieldType.FIELD_TYPE_GEO,
  text: WireFieldType.FIELD_TYPE_TEXT,
  bool: WireFieldType.FIELD_TYPE_BOOL,
  datetime: WireFieldType.FIELD_TYPE_DATETIME,
  uuid: WireFieldType.FIELD_TYPE_UUID,
} as const;
/** What kind of values a payload field holds, for its index. */
export type FieldType = keyof typeof fieldTypes;

export interface CollectionInfo {
  readonly name: string;
  /** Floats in a vector. */
  readonly vectorSize: number;
  /** Undefined for one that this client does not know. */
  readonly distance: Distance | undefined;
  readonly pointsCount: number | undefined;
  readonly payloadIndexes: readonly { readonly field: string; readonly type: FieldType | undefined }[];
}

export interface CreateCollectionOptions extends CallOptions {
  /** Default: 1536. */
  readonly vectorSize?: number;
  /** Default: cosine. */
  readonly distance?: Distance;
  readonly onDiskPayload?: boolean;
  readonly hnsw?: HnswOptions;
  /** Succeed when it exists with this size and distance. */
  readonly ifNotExists?: boolean;
}

/** Settings of the approximate index. */
export interface HnswOptions {
  /** Edges of a node in the graph. */
  readonly m?: number;
  /** Neighbours that are looked at when a node is put into the graph. */
  readonly efConstruct?: number;
  /** Kilobytes of vectors below which no graph is used. */
  readonly fullScanThreshold?: number;
  readonly onDisk?: boolean;
}

/** What is left out stays as it is. */
export interface UpdateCollectionOptions extends CallOptions {
  readonly onDiskPayload?: boolean;
  readonly hnsw?: HnswOptions;
  readonly optimizers?: {
    /** Share of deleted points in a segment from which it is cleaned. */
    readonly deletedThreshold?: number;
    /** Vectors of a segment from which it is cleaned. */
    readonly vacuumMinVectorNumber?: number;
    /** Kilobytes of vectors from which a segment gets an index; 0 for none. */
    readonly indexingThreshold?: number;
  };
}

/** The tenant's collections. */
export class Collections {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** `created` is false when it existed already. */
  async create(
    name: string,
    { vectorSize, distance, onDiskPayload, hnsw, ifNotExists, ...call }: CreateCollectionOptions = {},
  ): Promise<{ collection: CollectionInfo; created: boolean }> {
    const request = CreateCollectionRequest.encode({
      collection: name,
      vectorSize: optionalWhole('vectorSize', vectorSize),
      hnswConfig: hnsw && hnswConfig(hnsw),
      distance: distance === undefined ? undefined : numberOf(distances, distance, 'distance'),
      onDiskPayload,
      ifNotExists,
    });
    const reply = CreateCollectionResponse.decode(
      await this.#call('CreateCollection', request.finish(), call),
    );
    return { collection: infoOf(reply.collection), created: reply.created ?? true };
  }

  async get(name: string, call?: CallOptions): Promise<CollectionInfo> {
    const request = GetCollectionRequest.encode({ collection: name }).finish();
    return infoOf(GetCollectionResponse.decode(await this.#call('GetCollection', request, call)).collection);
  }

  /** Changes settings, not what is stored. */
  async update(
    name: string,
    { onDiskPayload, hnsw, optimizers, ...call }: UpdateCollectionOptions,
  ): Promise<CollectionInfo> {
    const request = UpdateCollectionRequest.encode({
      collection: name,
      params: onDiskPayload === undefined ? undefined : { onDiskPayload },
      hnswConfig: hnsw && hnswConfig(hnsw),
      optimizersConfig: optimizers && {
        deletedThreshold: optimizers.deletedThreshold,
        vacuumMinVectorNumber: optionalWhole(
          'optimizers.vacuumMinVectorNumber',
          optimizers.vacuumMinVectorNumber,
        ),
        indexingThreshold: optionalWhole('optimizers.indexingThreshold', optimizers.indexingThreshold),
      },
    });
    const reply = await this.#call('UpdateCollection', request.finish(), call);
    return infoOf(UpdateCollectionResponse.decode(reply).collection);
  }

  /** Names, in their order; a page is read when the loop comes to it. */
  async *list(call?: CallOptions): AsyncGenerator<string, void, undefined> {
    let pageToken = '';
    do {
      const request = ListCollectionsRequest.encode({ pageSize: 0, pageToken }).finish();
      const reply = ListCollectionsResponse.decode(await this.#call('ListCollections', request, call));
      for (const { collection } of reply.collections) yield collection;
      pageToken = reply.nextPageToken;
    } while (pageToken !== '');
  }

  /** With all its points. False: there was none, which only `ifExists` allows. */
  async delete(
    name: string,
    { ifExists, ...call }: CallOptions & { readonly ifExists?: boolean } = {},
  ): Promise<boolean> {
    const request = DeleteCollectionRequest.encode({ collection: name, ifExists }).finish();
    return DeleteCollectionResponse.decode(await this.#call('DeleteCollection', request, call)).result;
  }

  /** `field` is a path: dots descend. */
  async createPayloadIndex(
    name: string,
    field: string,
    type: FieldType,
    options: WriteOptions = {},
  ): Promise<void> {
    const fieldType = numberOf(fieldTypes, type, 'type');
    const ordering = toWireOrdering(options.ordering);
    const fields = { collection: name, fieldName: field, fieldType, wait: options.wait, ordering };
    await this.#call('CreatePayloadIndex', CreatePayloadIndexRequest.encode(fields).finish(), options);
  }

  async deletePayloadIndex(name: string, field: string, options: WriteOptions = {}): Promise<void> {
    const ordering = toWireOrdering(options.ordering);
    const fields = { collection: name, fieldName: field, wait: options.wait, ordering };
    await this.#call('DeletePayloadIndex', DeletePayloadIndexRequest.encode(fields).finish(), options);
  }

  #call(rpc: string, request: Uint8Array, call?: CallOptions): Promise<Buffer> {
    return this.#connection.unary(`/vectorgateway.v1.CollectionsService/${rpc}`, request, call);
  }
}

function infoOf(collection: Collection | undefined): CollectionInfo {
  return {
    name: collection?.collection ?? '',
    vectorSize: Number(collection?.vectorSize ?? 0),
    distance: nameOf(distances, collection?.distance),
    pointsCount: collection?.pointsCount === undefined ? undefined : Number(collection.pointsCount),
    payloadIndexes: (collection?.payloadIndexes ?? []).map(({ fieldName, fieldType }) => ({
      field: fieldName,
      type: nameOf(fieldTypes, fieldType),
    })),
  };
}

function hnswConfig({ m, efConstruct, fullScanThreshold, onDisk }: HnswOptions): HnswConfig {
  return {
    m: optionalWhole('hnsw.m', m),
    efConstruct: optionalWhole('hnsw.efConstruct', efConstruct),
    fullScanThreshold: optionalWhole('hnsw.fullScanThreshold', fullScanThreshold),
    onDisk,
  };
}

function optionalWhole(name: string, value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : whole(name, value);
}
