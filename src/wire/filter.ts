import type {
  Condition,
  FieldCondition,
  Filter,
  HasIdCondition,
  Match,
  MinShould,
} from '@qdrant/js-client-grpc';
import { fieldError, type GatewayError } from '../errors/index.js';
import { checkPredicates } from './filter-predicates.js';
import { isJsonPath, jsonPathRule } from './json-path.js';
import { limits } from './limits.js';
import { checkPointId } from './point-id.js';

export interface FilterRules {
  /**
   * Whether a filter may say nothing at all; the default is true. False for writes: there, what matches everything by
   * being empty (no condition, a list without an id or value) is refused.
   */
  readonly allowEmpty?: boolean;
}

interface Walk {
  conditions: number;
  readonly allowEmpty: boolean;
}

/**
 * Guards that Qdrant lacks, for a decoded filter at path `field`. Every condition must have a predicate: Qdrant takes
 * one without for "everything", so that a deletion empties the collection. Bounds depth and number of conditions, and
 * checks ids, numbers and geographic values. Throws GatewayError(FILTER_INVALID | POINT_ID_INVALID | LIMIT_EXCEEDED).
 */
export function checkFilter(filter: Filter, field: string, rules: FilterRules = {}): void {
  const allowEmpty = rules.allowEmpty ?? true;
  if (!allowEmpty && isEmpty(filter)) {
    throw invalid(
      field,
      'has no condition, which would mean every point; name the points by id or by condition',
    );
  }
  walkFilter(filter, field, 1, { conditions: 0, allowEmpty });
}

/** The same for a condition that stands alone. */
export function checkCondition(condition: Condition, field: string): void {
  walkCondition(condition, field, 1, { conditions: 1, allowEmpty: true });
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
      checkField(one.value, `${field}.field`, walk);
      return;
    case 'isEmpty':
      checkKey(one.value.key, `${field}.is_empty.key`);
      return;
    case 'isNull':
      checkKey(one.value.key, `${field}.is_null.key`);
      return;
    case 'hasId':
      checkIds(one.value, `${field}.has_id.has_id`, walk);
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

function checkField(condition: FieldCondition, field: string, walk: Walk): void {
  checkKey(condition.key, `${field}.key`);
  checkPredicates(condition, field);
  if (!walk.allowEmpty && condition.match !== undefined) checkListed(condition.match, `${field}.match`);
}

/** "Any of nothing" and "none of nothing" are what a lost variable looks like. */
function checkListed({ matchValue }: Match, field: string): void {
  switch (matchValue.case) {
    case 'keywords':
    case 'exceptKeywords':
      if (matchValue.value.strings.length === 0) throw invalid(field, 'lists no value');
      return;
    case 'integers':
    case 'exceptIntegers':
      if (matchValue.value.integers.length === 0) throw invalid(field, 'lists no value');
      return;
  }
}

function checkKey(key: string, field: string): void {
  if (key === '') throw invalid(field, 'is missing');
  if (!isJsonPath(key)) throw invalid(field, jsonPathRule);
}

function checkIds({ hasId }: HasIdCondition, field: string, walk: Walk): void {
  // Under must_not an empty list means every point.
  if (hasId.length === 0 && !walk.allowEmpty) throw invalid(field, 'lists no id');
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
