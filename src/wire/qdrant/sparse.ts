import type { SparseVector } from '@qdrant/js-client-grpc';
import { fieldError } from '../../errors/index.js';

/** A sparse vector has a value for each index, and no index twice. Throws FIELD_INVALID. */
export function checkSparse({ values, indices }: SparseVector, path: string): void {
  if (values.length !== indices.length) {
    throw fieldError(
      'FIELD_INVALID',
      `${path}.indices`,
      `are ${indices.length}, the values ${values.length}`,
    );
  }
  const seen = new Set<number>();
  indices.forEach((index, at) => {
    if (seen.has(index))
      throw fieldError('FIELD_INVALID', `${path}.indices[${at}]`, `${index} is there twice`);
    seen.add(index);
  });
}
