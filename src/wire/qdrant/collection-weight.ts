import type { CreateCollection } from '@qdrant/js-client-grpc';
import { fieldError } from '../../errors/index.js';
import { limits } from '../limits.js';

/**
 * Refuses a collection that would begin with more files than a node should give to one call: each vector has files of
 * its own in each segment, and a Qdrant that has mapped 65,530 of them serves nobody. Throws LIMIT_EXCEEDED.
 */
export function checkCollectionWeight(message: CreateCollection): void {
  const { shardNumber = 1, optimizersConfig, vectorsConfig, sparseVectorsConfig } = message;
  const named = vectorsConfig?.config.case === 'paramsMap' ? vectorsConfig.config.value.map : {};
  const vectors = Object.keys(named).length + Object.keys(sparseVectorsConfig?.map ?? {}).length;
  const segments = Number(optimizersConfig?.defaultSegmentNumber ?? 0n);
  const weight = atLeastOne(shardNumber) * atLeastOne(segments) * atLeastOne(vectors);
  if (weight <= limits.collectionWeight) return;
  throw fieldError(
    'LIMIT_EXCEEDED',
    'shard_number',
    `times default_segment_number times the number of vectors is ${weight}, at most ${limits.collectionWeight}`,
  );
}

// What is not given, or given as 0, is for Qdrant to choose, which chooses few.
function atLeastOne(value: number): number {
  return Math.max(1, value);
}
