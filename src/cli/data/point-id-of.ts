import type { PointId } from '../../client/index.js';
import { RowProblem } from './row.js';
import { isUuid, uuidV5 } from './uuid-v5.js';

const canonicalNumber = /^(?:0|[1-9]\d{0,19})$/;
const maxNumber = 2n ** 64n - 1n;

/**
 * The id that a row's value stands for: an unsigned 64-bit number, or a UUID. With a namespace every other text becomes
 * the UUID of that name in it; without one, only digits may stand for a number. Throws RowProblem.
 */
export function pointIdOf(value: unknown, field: string, namespace: string | undefined): PointId {
  const name = JSON.stringify(field);
  switch (typeof value) {
    case 'bigint':
      if (value >= 0n && value <= maxNumber) return value;
      throw invalid(`${name} is ${value}; an id is an integer from 0 to 2^64 - 1, or a UUID`);
    case 'number':
      if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
      throw invalid(`${name} is ${value}; an id is an integer from 0 to 2^64 - 1, or a UUID`);
    case 'string':
      return fromText(value, name, namespace);
    default:
      throw invalid(
        value === undefined || value === null
          ? `the row has no ${name}`
          : `${name} is neither a number nor a text`,
      );
  }
}

function fromText(text: string, name: string, namespace: string | undefined): PointId {
  if (text === '') throw invalid(`${name} is empty`);
  if (isUuid(text)) return text;
  if (namespace !== undefined) return uuidV5(namespace, text);
  if (canonicalNumber.test(text) && BigInt(text) <= maxNumber) return BigInt(text);
  const shown = JSON.stringify(text.slice(0, 80));
  throw invalid(
    `${name} is ${shown}, neither a number nor a UUID; --id-namespace <uuid> makes UUIDs of such ids`,
  );
}

const invalid = (message: string): RowProblem => new RowProblem('POINT_ID_INVALID', message);
