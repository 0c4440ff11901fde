import type { JsonInput, PayloadInput, PointInput } from '../../client/index.js';
import { cellValue } from './csv-types.js';
import { parseJson } from './json-numbers.js';
import { defaultPayloadField, type Mapping } from './mapping.js';
import { isObject, jsonOf } from './payload-of.js';
import { pointIdOf } from './point-id-of.js';
import { type Columns, RowProblem, type SourceRow } from './row.js';
import { listOf, vectorColumns } from './vector-columns.js';
import { numberIn, vectorOf } from './vector-of.js';

/** Makes points of rows. */
export class PointMapper {
  readonly #mapping: Mapping;
  readonly #note: (text: string) => void;
  #vectorColumns: { readonly key: string; readonly names: readonly string[] } | undefined;
  #hasTold = false;

  /** `note` is told once of what is left out. */
  constructor(mapping: Mapping, note: (text: string) => void) {
    this.#mapping = mapping;
    this.#note = note;
  }

  /** `number` is the row's, from 0. Throws RowProblem for a row that is no point. */
  point(row: SourceRow, number: number): PointInput {
    if (row.columns === undefined)
      throw row.problem ?? new RowProblem('ROW_MALFORMED', 'the row cannot be read');
    const id = this.#id(row.columns, number);
    return { id, vector: this.#vector(row), payload: this.#payload(row.columns) };
  }

  #id(columns: Columns, number: number) {
    const { hasRowIds, idField, idNamespace } = this.#mapping;
    if (hasRowIds) return BigInt(number);
    if (!Object.hasOwn(columns, idField)) throw missing('POINT_ID_INVALID', idField, columns);
    return pointIdOf(columns[idField], idField, idNamespace);
  }

  #vector({ vector, columns = {} }: SourceRow): Float32Array {
    if (vector !== undefined) return vectorOf(vector, 'vector');
    const { vectorField, vectorPrefix } = this.#mapping;
    if (vectorField !== undefined) {
      if (!Object.hasOwn(columns, vectorField)) throw missing('VECTOR_MISSING', vectorField, columns);
      return vectorOf(columns[vectorField], vectorField);
    }
    const numbers = this.#numbered(vectorPrefix ?? '', columns).map((name) => {
      const value = columns[name];
      return typeof value === 'string' ? (numberIn(value) ?? (value.trim() || undefined)) : value;
    });
    return vectorOf(numbers, vectorPrefix ?? '');
  }

  #numbered(prefix: string, columns: Columns): readonly string[] {
    const names = Object.keys(columns);
    // Most rows have the columns of the one before.
    const key = names.join('\n');
    if (this.#vectorColumns?.key !== key) this.#vectorColumns = { key, names: vectorColumns(prefix, names) };
    return this.#vectorColumns.names;
  }

  #payload(columns: Columns): PayloadInput | undefined {
    const { payloadField, payloadColumns, csvTypes } = this.#mapping;
    if (payloadField !== undefined) return objectIn(columns, payloadField);
    if (payloadColumns !== undefined) return this.#picked(columns, payloadColumns);
    const nested = csvTypes === undefined ? columns[defaultPayloadField] : undefined;
    const others = Object.keys(columns).filter((name) => !this.#isTaken(name));
    if (nested === null && others.length === 1) return undefined;
    if (!isObject(nested)) return this.#picked(columns, others);
    if (others.length > 1 && !this.#hasTold) {
      this.#hasTold = true;
      const left = listOf(others.filter((name) => name !== defaultPayloadField));
      this.#note(
        `rows have a "payload"; beside it these columns are left out: ${left} (--payload-columns names others)`,
      );
    }
    return objectIn(columns, defaultPayloadField);
  }

  /** Whether the column is the id or part of the vector. */
  #isTaken(name: string): boolean {
    const { idField, hasRowIds, vectorField } = this.#mapping;
    if (name === idField) return !hasRowIds;
    return name === vectorField || this.#vectorColumns?.names.includes(name) === true;
  }

  #picked(columns: Columns, names: readonly string[]): PayloadInput | undefined {
    const { csvTypes } = this.#mapping;
    const payload: Record<string, JsonInput> = Object.create(null);
    for (const name of names) {
      const value = Object.hasOwn(columns, name) ? columns[name] : undefined;
      const json =
        typeof value === 'string' && csvTypes !== undefined
          ? cellValue(value, name, csvTypes)
          : jsonOf(value);
      if (json !== undefined && (json !== null || value === null)) payload[name] = json;
    }
    return payload;
  }
}

function objectIn(columns: Columns, field: string): PayloadInput | undefined {
  const value = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (value === undefined || value === null || value === '') return undefined;
  const object = typeof value === 'string' ? parsed(value) : value;
  const json = isObject(object) ? jsonOf(object) : undefined;
  if (isObject(json)) return json;
  throw new RowProblem('PAYLOAD_INVALID', `${JSON.stringify(field)} is not an object`);
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function missing(reason: string, field: string, columns: Columns): RowProblem {
  return new RowProblem(
    reason,
    `the row has no ${JSON.stringify(field)}; it has: ${listOf(Object.keys(columns))}`,
  );
}
