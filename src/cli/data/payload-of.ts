import type { JsonInput, PayloadInput } from '../../client/index.js';
import { RowProblem } from './row.js';

// The gateway allows less.
const maxDepth = 64;

/**
 * A value of a row as JSON. Dates become their ISO text, bytes base64, and NaN, which tables hold where a number is
 * missing, null.
 */
export function jsonOf(value: unknown, depth = 0): JsonInput {
  if (value === undefined || value === null || Number.isNaN(value)) return null;
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    case 'object':
      return objectOf(value, depth + 1);
    default:
      throw new RowProblem('PAYLOAD_INVALID', `a ${typeof value} is not JSON`);
  }
}

function objectOf(value: object, depth: number): JsonInput {
  if (depth > maxDepth)
    throw new RowProblem('PAYLOAD_INVALID', `the payload is nested deeper than ${maxDepth}`);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isList(value)) return Array.from(value, (item) => jsonOf(item, depth));
  const copy: Record<string, JsonInput> = Object.create(null);
  for (const [key, item] of Object.entries(value)) copy[key] = jsonOf(item, depth);
  return copy;
}

function isList(value: object): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

export function isObject(value: unknown): value is PayloadInput {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
