import type { Condition, FieldCondition, Filter, HasIdCondition, MinShould } from '@qdrant/js-client-grpc';
import { fieldError, type GatewayError } from '../errors/index.js';
import { checkPredicates } from './filter-predicates.js';
import { limits } from './limits.js';
import { checkPointId } from './point-id.js';

export interface FilterRules {
  /** For deletions: a filter without any condition means everything, and is refused. */
  readonly refuseEmpty?: boolean;
}

interface Walk {
  conditions: number;
}

/**
 * Guards that Qdrant lacks, for a decoded filter at path `field`. Every condition must have a predicate: Qdrant takes
 * one without for "everything", so that a deletion empties the collection. Bounds depth and number of conditions, and
 * checks ids, numbers and geographic values. Throws GatewayError(FILTER_INVALID | POINT_ID_INVALID | LIMIT_EXCEEDED).
 */
export function checkFilter(filter: Filter, field: string, rules: FilterRules = {}): void {
  if (rules.refuseEmpty === true && isEmpty(filter)) {
    throw invalid(
      field,
      'has no condition, which would mean every point; name the points by id or by condition',
    );
  }
  walkFilter(filter, field, 1, { conditions: 0 });
}

function isEmpty(filter: Filter): boolean {
  const { must, mustNot, should, minShould } = filter;
  return must.length + mustNot.length + should.length === 0 && minShould === undefined;
}

function walkFilter(filter: Filter, field: string, depth: number, walk: Walk): void {
  if (depth > limits.filterDepth) throw invalid(field, `is nested deeper than ${limits.filterDepth} levels`);
  walkList(filter.should, `${field}.should`, depth, walk);
  walkList(filter.must, `${field}.must`, depth, walk);
  walkList(filter.mustNot, `${field}.must_not`, depth, walk);
  if (filter.minShould !== undefined) walkMinShould(filter.minShould, `${field}.min_should`, depth, walk);
}

function walkMinShould(minShould: MinShould, field: string, depth: number, walk: Walk): void {
  // Without conditions, or with a count of 0, Qdrant matches everything.
  if (minShould.conditions.length === 0) throw invalid(`${field}.conditions`, 'is empty');
  if (minShould.minCount === 0n) throw invalid(`${field}.min_count`, 'must be at least 1');
  walkList(minShould.conditions, `${field}.conditions`, depth, walk);
}

function walkList(conditions: readonly Condition[], field: string, depth: number, walk: Walk): void {
  walk.conditions += conditions.length;
  if (walk.conditions > limits.filterConditions) {
    throw invalid(field, `the filter has more than ${limits.filterConditions} conditions`);
  }
  conditions.forEach((condition, index) => {
    walkCondition(condition, `${field}[${index}]`, depth, walk);
  });
}

function walkCondition(condition: Condition, field: string, depth: number, walk: Walk): void {
  const one = condition.conditionOneOf;
  switch (one.case) {
    case undefined:
      throw invalid(field, 'is empty; Qdrant would match every point');
    case 'field':
      checkField(one.value, `${field}.field`);
      return;
    case 'isEmpty':
      checkKey(one.value.key, `${field}.is_empty.key`);
      return;
    case 'isNull':
      checkKey(one.value.key, `${field}.is_null.key`);
      return;
    case 'hasId':
      checkIds(one.value, `${field}.has_id.has_id`);
      return;
    case 'hasVector':
      return;
    case 'filter':
      walkNested(one.value, `${field}.filter`, depth, walk);
      return;
    case 'nested':
      checkKey(one.value.key, `${field}.nested.key`);
      walkNested(one.value.filter, `${field}.nested.filter`, depth, walk);
      return;
  }
}

function walkNested(filter: Filter | undefined, field: string, depth: number, walk: Walk): void {
  if (filter === undefined || isEmpty(filter)) throw invalid(field, 'has no condition');
  walkFilter(filter, field, depth + 1, walk);
}

function checkField(condition: FieldCondition, field: string): void {
  checkKey(condition.key, `${field}.key`);
  checkPredicates(condition, field);
}

function checkKey(key: string, field: string): void {
  if (key === '') throw invalid(field, 'is missing');
}

function checkIds({ hasId }: HasIdCondition, field: string): void {
  if (hasId.length > limits.elements) {
    throw fieldError('LIMIT_EXCEEDED', field, `has more than ${limits.elements} ids`);
  }
  hasId.forEach((id, index) => {
    checkPointId(id, `${field}[${index}]`);
  });
}

function invalid(field: string, description: string): GatewayError {
  return fieldError('FILTER_INVALID', field, description);
}
