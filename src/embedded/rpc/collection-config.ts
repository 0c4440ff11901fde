import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type CollectionConfig,
  CollectionConfigSchema,
  type CreateCollection,
  Datatype,
  Distance,
  HnswConfigDiffSchema,
  OptimizersConfigDiffSchema,
  type UpdateCollection,
  type VectorParams,
  VectorsConfigSchema,
  WalConfigDiffSchema,
} from '@qdrant/js-client-grpc';
import type { Collection, VectorSpec } from '../engine/catalog.js';
import { invalid, unsupported, validation } from '../store-status.js';
import {
  atLeast,
  checkHnsw,
  checkOptimizers,
  checkQuantization,
  checkSharding,
  checkWal,
} from './settings-check.js';

const MAX_VECTOR_SIZE = 65_536n;

/** What Qdrant 1.18 reports when nothing was asked for. */
const HNSW = { m: 16n, efConstruct: 100n, fullScanThreshold: 10_000n, maxIndexingThreads: 0n, onDisk: false };
const OPTIMIZERS = {
  deletedThreshold: 0.2,
  vacuumMinVectorNumber: 1000n,
  defaultSegmentNumber: 0n,
  indexingThreshold: 10_000n,
  flushIntervalSec: 5n,
};
const WAL = { walCapacityMb: 32n, walSegmentsAhead: 0n };

/** What was set over what holds otherwise; fields that are not set keep their value. */
function over<T extends object>(base: T, changes: object | undefined): T {
  const set = Object.entries(changes ?? {}).filter(
    ([key, value]) => key !== '$typeName' && value !== undefined,
  );
  return { ...base, ...Object.fromEntries(set) };
}

/**
 * The parts of a new collection. Throws INVALID_ARGUMENT for what Qdrant refuses, UNIMPLEMENTED for named, sparse and
 * multi-vectors, 8-bit vectors and strict mode.
 */
export function readDefinition(
  request: CreateCollection,
): Pick<Collection, 'vectors' | 'config' | 'indexes'> {
  checkSettings(request);
  const params = vectorParams(request);
  const vectorsConfig = create(VectorsConfigSchema, {
    config: params ? { case: 'params', value: params } : { case: 'paramsMap', value: { map: {} } },
  });
  const config = create(CollectionConfigSchema, {
    params: {
      shardNumber: request.shardNumber ?? 1,
      onDiskPayload: request.onDiskPayload ?? true,
      vectorsConfig,
      replicationFactor: request.replicationFactor ?? 1,
      writeConsistencyFactor: request.writeConsistencyFactor ?? 1,
      shardingMethod: request.shardingMethod,
    },
    hnswConfig: create(HnswConfigDiffSchema, over(HNSW, request.hnswConfig)),
    optimizerConfig: create(OptimizersConfigDiffSchema, over(OPTIMIZERS, request.optimizersConfig)),
    walConfig: create(WalConfigDiffSchema, over(WAL, request.walConfig)),
    quantizationConfig: request.quantizationConfig,
    metadata: request.metadata,
  });
  return { vectors: params ? [specOf(params)] : [], config: encodeConfig(config), indexes: {} };
}

function checkSettings(request: CreateCollection): void {
  atLeast('timeout', request.timeout, 1);
  atLeast('shard_number', request.shardNumber, 1);
  atLeast('replication_factor', request.replicationFactor, 1);
  atLeast('write_consistency_factor', request.writeConsistencyFactor, 1);
  checkHnsw(request.hnswConfig);
  checkOptimizers(request.optimizersConfig);
  checkWal(request.walConfig);
  checkQuantization(request.quantizationConfig);
  checkSharding(request.shardingMethod);
  if (request.strictModeConfig) throw unsupported('strict mode');
  if (Object.keys(request.sparseVectorsConfig?.map ?? {}).length > 0) throw unsupported('sparse vectors');
}

/** Undefined for a collection without vectors. */
function vectorParams({ vectorsConfig }: CreateCollection): VectorParams | undefined {
  const config = vectorsConfig?.config;
  if (config?.case === 'paramsMap' && Object.keys(config.value.map).length > 0)
    throw unsupported('named vectors');
  if (config?.case !== 'params') return undefined;
  const params = config.value;
  const { size, distance, datatype, multivectorConfig } = params;
  if (size < 1n || size > MAX_VECTOR_SIZE) {
    throw validation(
      'vectors_config.config.size',
      `value ${size} invalid, must be from 1 to ${MAX_VECTOR_SIZE}`,
    );
  }
  if (distance === Distance.UnknownDistance || Distance[distance] === undefined) {
    throw invalid(`Cannot convert Distance: ${distance}`);
  }
  checkHnsw(params.hnswConfig, 'vectors_config.config.hnsw_config');
  checkQuantization(params.quantizationConfig);
  if (multivectorConfig) throw unsupported('multivectors');
  if (datatype === Datatype.Uint8) throw unsupported('vectors of 8-bit integers');
  return params;
}

const specOf = ({ size, distance, datatype }: VectorParams): VectorSpec => ({
  name: '',
  index: 0,
  size: Number(size),
  distance,
  float16: datatype === Datatype.Float16,
});

const encodeConfig = (config: CollectionConfig): string =>
  Buffer.from(toBinary(CollectionConfigSchema, config)).toString('base64');

export const decodeConfig = ({ config }: Collection): CollectionConfig =>
  fromBinary(CollectionConfigSchema, Buffer.from(config, 'base64'));

/** The configuration after an UpdateCollection. Throws INVALID_ARGUMENT or UNIMPLEMENTED. */
export function changedConfig(collection: Collection, request: UpdateCollection): string {
  const config = decodeConfig(collection);
  if (config.params) config.params = over(config.params, request.params);
  config.hnswConfig = create(HnswConfigDiffSchema, over(config.hnswConfig ?? {}, request.hnswConfig));
  config.optimizerConfig = create(
    OptimizersConfigDiffSchema,
    over(config.optimizerConfig ?? {}, request.optimizersConfig),
  );
  for (const [key, value] of Object.entries(request.metadata)) {
    Object.defineProperty(config.metadata, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return encodeConfig(config);
}

export function checkUpdate(request: UpdateCollection): void {
  atLeast('timeout', request.timeout, 1);
  atLeast('params.replication_factor', request.params?.replicationFactor, 1);
  atLeast('params.write_consistency_factor', request.params?.writeConsistencyFactor, 1);
  checkHnsw(request.hnswConfig);
  checkOptimizers(request.optimizersConfig);
  if (request.strictModeConfig) throw unsupported('strict mode');
  if (request.quantizationConfig) throw unsupported('changing the quantization');
  if (request.vectorsConfig) throw unsupported('changing the settings of vectors');
  if (request.sparseVectorsConfig) throw unsupported('sparse vectors');
}
