import type { Condition, Filter, MinShould, NestedCondition } from '@qdrant/js-client-grpc';
import { isObject, type Json } from '../model/json.js';
import { type JsonPath, parsePath, valuesAt } from '../model/json-path.js';
import { type IdKey, idKey } from '../model/point-id.js';
import { invalid } from '../store-status.js';
import { fieldTest } from './field.js';
import { elementsOf, type IndexLookup, noIndexes } from './indexes.js';
import type { FilterPoint } from './point.js';

export type PointTest = (point: FilterPoint) => boolean;

const MAX_DEPTH = 32;
const MAX_CONDITIONS = 4096;

/** Where a clause stands: its depth, and the indexes as seen from there. `budget` is one for the whole filter. */
interface Scope {
  readonly depth: number;
  readonly indexes: IndexLookup;
  readonly budget: { conditions: number };
}

const deeper = (scope: Scope, indexes: IndexLookup = scope.indexes): Scope => ({
  ...scope,
  depth: scope.depth + 1,
  indexes,
});

/**
 * Turns a filter into a test of points, once for all of them. An empty filter takes every point. `indexes` matter
 * where Qdrant answers otherwise with a payload index than without: full text and whole numbers.
 * Throws StoreStatus(INVALID_ARGUMENT) for what Qdrant refuses, and for filters nested deeper than 32 or with
 * more than 4,096 conditions; UNIMPLEMENTED for a text match on an index of a kind that this store has not.
 */
export function compileFilter(filter: Filter, indexes: IndexLookup = noIndexes): PointTest {
  return filterTest(filter, { depth: 1, indexes, budget: { conditions: 0 } });
}

function filterTest(filter: Filter, scope: Scope): PointTest {
  if (scope.depth > MAX_DEPTH) throw invalid(`filter: nested deeper than ${MAX_DEPTH} levels`);
  const listOf = (conditions: readonly Condition[]) => tests(conditions, scope);
  const parts: PointTest[] = [];
  const should = listOf(filter.should);
  const must = listOf(filter.must);
  const mustNot = listOf(filter.mustNot);
  const minShould = minShouldTest(filter.minShould, listOf);
  if (must.length > 0) parts.push(allOf(must));
  if (mustNot.length > 0) parts.push((point) => !mustNot.some((test) => test(point)));
  if (should.length > 0) parts.push((point) => should.some((test) => test(point)));
  if (minShould) parts.push(minShould);
  return allOf(parts);
}

function allOf(parts: readonly PointTest[]): PointTest {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  return (point) => parts.every((test) => test(point));
}

function minShouldTest(
  minShould: MinShould | undefined,
  listOf: (conditions: readonly Condition[]) => PointTest[],
): PointTest | undefined {
  const conditions = listOf(minShould?.conditions ?? []);
  // Without conditions Qdrant takes every point, whatever the count says.
  if (!minShould || conditions.length === 0) return undefined;
  const enough = Number(minShould.minCount);
  return (point) => {
    let met = 0;
    for (const test of conditions) {
      if (met >= enough) break;
      if (test(point)) met += 1;
    }
    return met >= enough;
  };
}

function tests(conditions: readonly Condition[], scope: Scope): PointTest[] {
  const { budget } = scope;
  budget.conditions += conditions.length;
  if (budget.conditions > MAX_CONDITIONS) {
    throw invalid(`filter: more than ${MAX_CONDITIONS} conditions`);
  }
  return conditions.map((condition) => conditionTest(condition, scope));
}

function conditionTest({ conditionOneOf: one }: Condition, scope: Scope): PointTest {
  switch (one.case) {
    case undefined:
      // A condition that says nothing holds for every point, as in Qdrant; the gateway refuses it before.
      return () => true;
    case 'field':
      return fieldTest(one.value, scope.indexes);
    case 'filter':
      return filterTest(one.value, deeper(scope));
    case 'nested':
      return nestedTest(one.value, scope);
    case 'hasId': {
      const ids = new Set<IdKey>(one.value.hasId.map(idKey));
      return (point) => ids.has(point.id);
    }
    case 'hasVector': {
      const name = one.value.hasVector;
      return (point) => point.hasVector(name);
    }
    case 'isEmpty':
      return valuesTest(one.value.key, (values) => values.every(isNothing));
    case 'isNull':
      return valuesTest(one.value.key, (values) => values.includes(null));
  }
}

const isNothing = (value: Json) => value === null || (Array.isArray(value) && value.length === 0);

function valuesTest(key: string, test: (values: readonly Json[]) => boolean): PointTest {
  const path = parsePath(key);
  return (point) => test(valuesAt(point.payload(), path));
}

/** Some element of the list at `key`, an object, must match on its own; other values are passed over. */
function nestedTest({ key, filter }: NestedCondition, scope: Scope): PointTest {
  if (!filter) throw invalid('Nested condition must have a filter');
  const path = toElements(parsePath(key));
  const test = filterTest(filter, deeper(scope, elementsOf(scope.indexes, key)));
  return (point) =>
    valuesAt(point.payload(), path).some(
      (element) =>
        // An element has neither id nor vectors: conditions on them do not hold inside.
        isObject(element) && test({ id: '', payload: () => element, hasVector: () => false }),
    );
}

/** `items` and `items[]` name the same elements here. */
function toElements(path: JsonPath): JsonPath {
  const last = path[path.length - 1];
  return last && 'every' in last ? path : [...path, { every: true }];
}
