import type { JsonInput } from '../../client/index.js';
import { UsageError } from '../usage-error.js';
import { parseJson } from './json-numbers.js';
import { isObject } from './payload-of.js';
import { RowProblem } from './row.js';

const kinds = ['string', 'integer', 'number', 'boolean', 'json'] as const;
type Kind = (typeof kinds)[number];

/** What the cells of a CSV file stand for: by their column, or "auto", by each cell's own text. */
export type CsvTypes = 'auto' | ReadonlyMap<string, Kind>;

/** Reads "auto" or "pages=integer,price=number". Throws UsageError. */
export function parseCsvTypes(text: string): CsvTypes {
  if (text === 'auto') return 'auto';
  const types = new Map<string, Kind>();
  for (const part of text.split(',')) {
    const [, column = '', type] = /^(.+)=(.+)$/.exec(part) ?? [];
    const kind = kinds.find((name) => name === type);
    if (kind === undefined) {
      throw new UsageError(
        `--csv-types: ${JSON.stringify(part)} is not column=type, with one of the types ${kinds.join(', ')}`,
      );
    }
    types.set(column, kind);
  }
  return types;
}

/** A cell's value; undefined for an empty one. Throws RowProblem for what its column's type does not allow. */
export function cellValue(text: string, column: string, types: CsvTypes): JsonInput | undefined {
  if (text === '') return undefined;
  if (types === 'auto') return guessed(text);
  const kind = types.get(column) ?? 'string';
  const value = typed(text, kind);
  if (value !== undefined) return value;
  throw new RowProblem(
    'PAYLOAD_INVALID',
    `${JSON.stringify(column)} is no ${kind}: ${JSON.stringify(text.slice(0, 60))}`,
  );
}

function typed(text: string, kind: Kind): JsonInput | undefined {
  switch (kind) {
    case 'string':
      return text;
    case 'integer':
      return /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case 'boolean':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    case 'json':
      return parsed(text);
  }
}

function parsed(text: string): JsonInput | undefined {
  try {
    const value = parseJson(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// Whatever the parser of JSON gives is JSON.
function isJson(value: unknown): value is JsonInput {
  return (
    value === null ||
    ['string', 'number', 'boolean', 'bigint'].includes(typeof value) ||
    isObject(value) ||
    Array.isArray(value)
  );
}

/** Only what reads back as the same text is anything but text: "007" and "1.10" stay. */
function guessed(text: string): JsonInput {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (/^(?:0|-?[1-9]\d{0,17})$/.test(text)) return BigInt(text);
  return /^-?\d+\.\d+$/.test(text) && String(Number(text)) === text ? Number(text) : text;
}
