export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** What to do about a number that is too large. */
  readonly hint?: string;
}

const results: Range = { max: 10_000 };
const offset: Range = { max: 100_000, hint: 'scroll instead' };
const groups: Range = { max: 1_000 };
const replicas: Range = { max: 16 };
const seconds: Range = { max: 3_600 };
const vectorSize: Range = { min: 1, max: 65_536 };

/**
 * Bounds of numbers, by "Message.field" of the package qdrant. They are here where a number takes memory, time or disk
 * that all tenants share, or where Qdrant takes a value that harms it. Floats must be finite without being named here.
 */
export const numberRules: Readonly<Record<string, Range>> = {
  'SearchPoints.limit': results,
  'SearchPoints.offset': offset,
  'SearchPointGroups.limit': groups,
  'SearchPointGroups.group_size': groups,
  'ScrollPoints.limit': results,
  'RecommendPoints.limit': results,
  'RecommendPoints.offset': offset,
  'RecommendPointGroups.limit': groups,
  'RecommendPointGroups.group_size': groups,
  'DiscoverPoints.limit': results,
  'DiscoverPoints.offset': offset,
  'QueryPoints.limit': results,
  'QueryPoints.offset': offset,
  'PrefetchQuery.limit': results,
  'QueryPointGroups.limit': groups,
  'QueryPointGroups.group_size': groups,
  'FacetCounts.limit': results,
  // Distances are measured between all pairs of the sample.
  'SearchMatrixPoints.sample': { max: 1_000 },
  'SearchMatrixPoints.limit': { max: 1_000 },
  'Mmr.candidates_limit': results,
  'Rrf.k': { min: 1 },
  'GeoPoint.lon': { min: -180, max: 180 },
  'GeoPoint.lat': { min: -90, max: 90 },
  'Mmr.diversity': { min: 0, max: 1 },
  'AcornSearchParams.max_selectivity': { min: 0, max: 1 },
  'ReadConsistency.factor': { min: 1 },
  // Memory for the candidates is taken before the search begins.
  'SearchParams.hnsw_ef': { max: 10_000 },
  'QuantizationSearchParams.oversampling': { min: 1, max: 100 },
  // Memory for the links is taken for each point.
  'HnswConfigDiff.m': { max: 1_024 },
  'HnswConfigDiff.payload_m': { max: 1_024 },
  'HnswConfigDiff.ef_construct': { min: 4, max: 10_000 },
  'HnswConfigDiff.max_indexing_threads': { max: 64 },
  // Qdrant 1.18 takes NaN, writes it down as null, and does not start again on what it wrote.
  'OptimizersConfigDiff.deleted_threshold': { min: 0, max: 1 },
  'OptimizersConfigDiff.vacuum_min_vector_number': { min: 100 },
  // With 0 a collection is flushed without a pause.
  'OptimizersConfigDiff.flush_interval_sec': { min: 1, max: 3_600 },
  'OptimizersConfigDiff.default_segment_number': { max: 64 },
  'OptimizersConfigDiff.deprecated_max_optimization_threads': { max: 64 },
  'MaxOptimizationThreads.value': { max: 64 },
  'ScalarQuantization.quantile': { min: 0.5, max: 1 },
  'VectorParams.size': vectorSize,
  'DenseVectorCreationConfig.size': vectorSize,
  // A shard takes files, memory and a thread's time, with or without points.
  'CreateCollection.shard_number': replicas,
  'CreateCollection.replication_factor': replicas,
  'CreateCollection.write_consistency_factor': replicas,
  'CollectionParamsDiff.replication_factor': replicas,
  'CollectionParamsDiff.write_consistency_factor': replicas,
  'CollectionParamsDiff.read_fan_out_factor': replicas,
  'CreateCollection.timeout': seconds,
  'UpdateCollection.timeout': seconds,
  'DeleteCollection.timeout': seconds,
  'ChangeAliases.timeout': seconds,
};

/** Most elements of lists and maps of which each takes time, or files, of all tenants. */
export const listRules: Readonly<Record<string, number>> = {
  'SearchBatchPoints.search_points': 256,
  'RecommendBatchPoints.recommend_points': 256,
  'DiscoverBatchPoints.discover_points': 256,
  'QueryBatchPoints.query_points': 256,
  'QueryPoints.prefetch': 64,
  'QueryPointGroups.prefetch': 64,
  'PrefetchQuery.prefetch': 64,
  'UpdateBatchPoints.operations': 1_000,
  'ChangeAliases.actions': 100,
  // Each has files of its own in every segment: 1,000 take a Qdrant ten seconds.
  'VectorParamsMap.map': 128,
  'SparseVectorConfig.map': 128,
  'CreateCollection.metadata': 1_000,
  'UpdateCollection.metadata': 1_000,
};
