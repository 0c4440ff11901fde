import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type ConditionSchema, type FieldConditionSchema, FilterSchema } from '@qdrant/js-client-grpc';
import { compileFilter, type FilterPoint } from '../../../src/embedded/filter/index.js';
import type { Json, JsonObject } from '../../../src/embedded/model/json.js';
import { numberKey } from '../../../src/embedded/model/point-id.js';

export type FilterInit = MessageInitShape<typeof FilterSchema>;
export type ConditionInit = MessageInitShape<typeof ConditionSchema>;
export type FieldInit = MessageInitShape<typeof FieldConditionSchema>;

/** JSON as written in a test: objects are plain, and integers are bigint as in the store. */
export type Plain = null | boolean | number | bigint | string | Plain[] | { [key: string]: Plain };

export function stored(value: Plain): Json {
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value === 'object' && value !== null) return storedObject(value);
  return value;
}

export const storedObject = (object: Readonly<Record<string, Plain>>): JsonObject =>
  new Map(Object.entries(object).map(([key, value]) => [key, stored(value)]));

export function pointWith(payload: Readonly<Record<string, Plain>>, id = 1n): FilterPoint {
  const kept = storedObject(payload);
  return { id: numberKey(id), payload: () => kept, hasVector: (name) => name === '' };
}

/** Whether a point with this payload passes. */
export const passes = (filter: FilterInit, payload: Readonly<Record<string, Plain>>): boolean =>
  compileFilter(create(FilterSchema, filter))(pointWith(payload));

export const field = (init: FieldInit): ConditionInit => ({ conditionOneOf: { case: 'field', value: init } });

export const nest = (filter: FilterInit): ConditionInit => ({
  conditionOneOf: { case: 'filter', value: create(FilterSchema, filter) },
});

export const isKeyword = (key: string, keyword: string): ConditionInit =>
  field({ key, match: { matchValue: { case: 'keyword', value: keyword } } });
