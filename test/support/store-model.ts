import { Distance } from '@qdrant/js-client-grpc';
import type { Id, NewPoint, Plain, PlainObject } from './payload-bytes.js';

/** A condition as the model reads it; `condition` of the official package says the same to the store. */
export type ModelCondition =
  | { readonly is: 'keyword'; readonly key: string; readonly value: string }
  | { readonly is: 'integer'; readonly key: string; readonly value: bigint }
  | { readonly is: 'above'; readonly key: string; readonly bound: number }
  | { readonly is: 'empty'; readonly key: string }
  | { readonly is: 'id'; readonly ids: readonly Id[] };

export interface ModelFilter {
  readonly must: readonly ModelCondition[];
  readonly should: readonly ModelCondition[];
  readonly mustNot: readonly ModelCondition[];
}

export interface ModelQuery {
  readonly vector: readonly number[];
  readonly filter: ModelFilter | undefined;
  readonly offset: number;
  readonly limit: number;
  readonly threshold: number | undefined;
}

export interface ModelPoint {
  readonly id: string;
  readonly vector: readonly number[] | undefined;
  readonly payload: PlainObject;
}

/** Decimal digits, or the UUID in lower case with hyphens: as replies show it. */
export function idText(id: Id): string {
  if ('num' in id) return String(id.num);
  const hex = id.uuid.replace(/^urn:uuid:|[{}-]/g, '').toLowerCase();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Numbers before UUIDs, each in order of their value. */
function compareIds(a: string, b: string): number {
  if (a.includes('-') !== b.includes('-')) return a.includes('-') ? 1 : -1;
  if (a.includes('-')) return a < b ? -1 : Number(a > b);
  return Number(BigInt(a) - BigInt(b) > 0n) - Number(BigInt(a) - BigInt(b) < 0n);
}

/** Collections as arrays and loops: what the store must answer. */
export class StoreModel {
  readonly #points = new Map<string, ModelPoint>();

  constructor(private readonly distance: Distance) {}

  upsert(points: readonly NewPoint[]): void {
    for (const { id, vector, payload } of points) {
      const stored = vector && this.#prepared(vector);
      this.#points.set(idText(id), { id: idText(id), vector: stored, payload: new Map(payload) });
    }
  }

  delete(ids: Iterable<string>): void {
    for (const id of ids) this.#points.delete(id);
  }

  /** Merges into the payloads of those that are there; the answer tells whether all were. */
  setPayload(ids: Iterable<string>, payload: PlainObject): boolean {
    return this.#change(ids, (point) => ({ ...point, payload: new Map([...point.payload, ...payload]) }));
  }

  setVector(id: string, vector: readonly number[] | undefined): boolean {
    return this.#change([id], (point) => ({ ...point, vector: vector && this.#prepared(vector) }));
  }

  #change(ids: Iterable<string>, change: (point: ModelPoint) => ModelPoint): boolean {
    let areAll = true;
    for (const id of ids) {
      const point = this.#points.get(id);
      if (point) this.#points.set(id, change(point));
      else areAll = false;
    }
    return areAll;
  }

  /** Those that pass, by id. */
  points(filter: ModelFilter | undefined): ModelPoint[] {
    const found = [...this.#points.values()].filter((point) => !filter || passes(point, filter));
    return found.sort((a, b) => compareIds(a.id, b.id));
  }

  search({ vector, filter, offset, limit, threshold }: ModelQuery): { id: string; score: number }[] {
    const query = this.#prepared(vector);
    const isSmallBetter = this.distance === Distance.Euclid || this.distance === Distance.Manhattan;
    const sign = isSmallBetter ? -1 : 1;
    return this.points(filter)
      .flatMap(({ id, vector: stored }) => (stored ? [{ id, score: this.#score(query, stored) }] : []))
      .filter(({ score }) => threshold === undefined || sign * score > sign * threshold)
      .sort((a, b) => sign * (b.score - a.score) || compareIds(a.id, b.id))
      .slice(offset, offset + limit);
  }

  #score(query: readonly number[], stored: readonly number[]): number {
    const sumOf = (term: (q: number, x: number) => number) =>
      query.reduce((sum, q, at) => sum + term(q, stored[at] ?? 0), 0);
    if (this.distance === Distance.Euclid) return Math.fround(Math.sqrt(sumOf((q, x) => (q - x) ** 2)));
    if (this.distance === Distance.Manhattan) return sumOf((q, x) => Math.abs(q - x));
    return sumOf((q, x) => q * x);
  }

  /** Cosine: of length 1, except what is too short to have a direction. */
  #prepared(vector: readonly number[]): readonly number[] {
    const squared = vector.reduce((sum, x) => sum + x * x, 0);
    if (this.distance !== Distance.Cosine || squared < 1.2e-7) return vector;
    return vector.map((x) => x / Math.sqrt(squared));
  }
}

function passes(point: ModelPoint, { must, should, mustNot }: ModelFilter): boolean {
  const test = (condition: ModelCondition) => holds(point, condition);
  return must.every(test) && !mustNot.some(test) && (should.length === 0 || should.some(test));
}

function holds({ id, payload }: ModelPoint, condition: ModelCondition): boolean {
  if (condition.is === 'id') return condition.ids.some((one) => idText(one) === id);
  const value = payload.get(condition.key);
  if (condition.is === 'empty') return value === undefined || value === null || isEmptyList(value);
  if (value === undefined) return false;
  return (Array.isArray(value) ? value : [value]).some((one) => {
    if (condition.is !== 'above') return one === condition.value;
    return (typeof one === 'number' || typeof one === 'bigint') && Number(one) > condition.bound;
  });
}

const isEmptyList = (value: Plain): boolean => Array.isArray(value) && value.length === 0;
