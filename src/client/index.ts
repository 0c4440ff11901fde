export { type Client, createClient } from './client.js';
export { Code, type Reason, type StatusCode, VectorGatewayError, type Violation } from './client-error.js';
export type {
  CollectionInfo,
  Collections,
  CreateCollectionOptions,
  Distance,
  FieldType,
  HnswOptions,
  UpdateCollectionOptions,
} from './collections.js';
export type { ExportOptions, ExportPage } from './export-all.js';
export type { Bounds, Condition, FilterInput, GeoPoint } from './filter.js';
export * as filters from './filter.js';
export type { CallOptions, ClientOptions, TlsOptions, WriteOptions } from './options.js';
export type { WriteOrdering } from './ordering.js';
export type { JsonInput, JsonValue, Payload, PayloadInput } from './payload.js';
export type { FoundPoint, PointInput, PointVectorInput, StoredPoint } from './point-codec.js';
export type { PointId, PointIdInput } from './point-id.js';
export type { Points, ScrollOptions, SearchManyOptions } from './points.js';
export type { ContextPair, Prefetch, QueryInput, QueryOptions, QueryVector } from './query.js';
export type { FacetCount, FoundGroup } from './query-replies.js';
export type { BatchSearch, FacetOptions, GroupOptions } from './query-requests.js';
export type { ReconnectOptions } from './reconnect.js';
export type { NearestOptions, Shown } from './requests.js';
export type { SearchAnswer, StreamedSearch } from './search-stream.js';
export type {
  UpsertAllOptions,
  UpsertAllProgress,
  UpsertAllResult,
  UpsertRejection,
} from './upsert-all/index.js';
export type { RefusedPoint, UpsertPartialResult } from './upsert-partial.js';
export type { VectorInput } from './vector.js';
export type { Selection } from './write-requests.js';
