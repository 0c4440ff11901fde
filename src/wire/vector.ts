import { fieldError } from '../errors/index.js';
import { dimensionFault, notFiniteFloat } from './point-walk.js';

/** Checks a decoded vector. Throws VECTOR_MISSING, VECTOR_DIMENSION_MISMATCH or VECTOR_NOT_FINITE (at `field[i]`). */
export function checkVector(data: readonly number[], dimension: number, field: string): void {
  if (data.length === 0) throw fieldError('VECTOR_MISSING', field, 'is missing');
  if (data.length !== dimension) throw dimensionFault(data.length, dimension, field).toGatewayError();
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw notFiniteFloat(`${field}[${bad}]`).toGatewayError();
}
