import { RowProblem } from './row.js';

// Number() also reads "", "0x10" and "Infinity".
const decimal = /^[-+.\deE]+$/;

/** A vector from a list of numbers, or from text: a JSON list, or numbers with spaces, commas or semicolons between. */
export function vectorOf(value: unknown, field: string): Float32Array {
  const numbers = typeof value === 'string' ? numbersIn(value, field) : value;
  if (numbers === undefined || numbers === null) {
    throw new RowProblem('VECTOR_MISSING', `the row has no ${JSON.stringify(field)}`);
  }
  if (!isList(numbers)) {
    throw new RowProblem(
      'POINT_INVALID',
      `${JSON.stringify(field)} is not a list of numbers but ${kindOf(numbers)}`,
    );
  }
  if (numbers.length === 0) throw new RowProblem('VECTOR_MISSING', `${JSON.stringify(field)} is empty`);
  return floatsOf(numbers, field);
}

function floatsOf(numbers: ArrayLike<unknown>, field: string): Float32Array {
  const floats = new Float32Array(numbers.length);
  for (let index = 0; index < numbers.length; index += 1) {
    const value = numbers[index];
    // An integer of many digits is a bigint.
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      throw new RowProblem('POINT_INVALID', `${field}[${index}] is not a number but ${kindOf(value)}`);
    }
    const float = Math.fround(Number(value));
    if (!Number.isFinite(float)) {
      throw new RowProblem(
        'VECTOR_NOT_FINITE',
        `${field}[${index}] is ${value}, which is no finite number of 32 bits`,
      );
    }
    floats[index] = float;
  }
  return floats;
}

function numbersIn(text: string, field: string): ArrayLike<unknown> {
  const json = jsonList(text);
  if (json !== undefined) return json;
  const inner = text
    .trim()
    .replace(/^\[(.*)\]$/s, '$1')
    .trim();
  if (inner === '') return [];
  const numbers = inner.split(/\s*[,;]\s*|\s+/).map(numberIn);
  if (!numbers.includes(undefined)) return numbers;
  const shown = JSON.stringify(text.slice(0, 60));
  throw new RowProblem('POINT_INVALID', `${JSON.stringify(field)} is no list of numbers: ${shown}`);
}

/** Most texts of vectors are JSON, which is read several times faster. */
function jsonList(text: string): unknown[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The number that a text is, in decimal form; undefined for other texts. */
export function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  const number = decimal.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'missing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
