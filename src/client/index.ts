export { type Client, createClient } from './client.js';
export { Code, type Reason, type StatusCode, VectorGatewayError, type Violation } from './client-error.js';
export type {
  CollectionInfo,
  Collections,
  CreateCollectionOptions,
  Distance,
  FieldType,
} from './collections.js';
export type { Condition, FilterInput } from './filter.js';
export * as filters from './filter.js';
export type { CallOptions, ClientOptions, TlsOptions } from './options.js';
export type { JsonInput, JsonValue, Payload, PayloadInput } from './payload.js';
export type { FoundPoint, PointInput, StoredPoint } from './point-codec.js';
export type { PointId, PointIdInput } from './point-id.js';
export type { ExportOptions, Points, ScrollOptions, WriteOptions } from './points.js';
export type { NearestOptions, Selection, Shown } from './requests.js';
export type {
  UpsertAllOptions,
  UpsertAllProgress,
  UpsertAllResult,
  UpsertRejection,
} from './upsert-all/index.js';
export type { VectorInput } from './vector.js';
