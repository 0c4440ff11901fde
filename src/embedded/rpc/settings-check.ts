import {
  type HnswConfigDiff,
  type OptimizersConfigDiff,
  type QuantizationConfig,
  QuantizationType,
  ShardingMethod,
  type WalConfigDiff,
} from '@qdrant/js-client-grpc';
import { invalid, validation } from '../store-status.js';

// Settings that change nothing in an exact scan. They are checked and kept, so that Get shows what was asked for.

export function atLeast(field: string, value: bigint | number | undefined, min: number): void {
  if (value === undefined || value >= min) return;
  throw validation(field, `value ${value} invalid, must be ${min} or larger`);
}

function within(field: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw validation(field, `value ${value} invalid, must be from ${min.toFixed(1)} to ${max.toFixed(1)}`);
}

export function checkHnsw(config: HnswConfigDiff | undefined, field = 'hnsw_config'): void {
  atLeast(`${field}.ef_construct`, config?.efConstruct, 4);
}

export function checkOptimizers(config: OptimizersConfigDiff | undefined): void {
  within('optimizers_config.deleted_threshold', config?.deletedThreshold, 0, 1);
  atLeast('optimizers_config.vacuum_min_vector_number', config?.vacuumMinVectorNumber, 100);
}

export function checkWal(config: WalConfigDiff | undefined): void {
  atLeast('wal_config.wal_capacity_mb', config?.walCapacityMb, 1);
}

export function checkQuantization(config: QuantizationConfig | undefined): void {
  const quantization = config?.quantization;
  if (!quantization) return;
  if (quantization.case === undefined) throw invalid('Unable to convert quantization config');
  if (quantization.case !== 'scalar') return;
  const { type, quantile } = quantization.value;
  within('quantization_config.quantization.quantile', quantile, 0.5, 1);
  if (type !== QuantizationType.Int8) throw invalid('Unknown quantization type');
}

export function checkSharding(method: ShardingMethod | undefined): void {
  if (method === undefined || ShardingMethod[method] !== undefined) return;
  throw invalid(`Cannot convert ShardingMethod: ${method}, error: unknown enumeration value ${method}`);
}
