import type { Condition, Filter } from '../gen/vectorgateway/v1/filter.js';
import { type PointIdInput, toWireId } from './point-id.js';
import { whole } from './whole.js';

export * from './field-conditions.js';
export * from './geo-conditions.js';
export type { Condition };

/** Every `must`, no `mustNot`, at least one `should`, and `minShould`. */
export interface FilterInput {
  readonly must?: readonly Condition[];
  readonly mustNot?: readonly Condition[];
  readonly should?: readonly Condition[];
  /** At least `minCount` of the conditions. */
  readonly minShould?: { readonly conditions: readonly Condition[]; readonly minCount: number };
}

/** The point has one of these ids. */
export function hasId(...ids: readonly PointIdInput[]): Condition {
  return { conditionOneOf: { $case: 'hasId', value: { hasId: ids.map(toWireId) } } };
}

/** Every condition holds. */
export function all(...must: readonly Condition[]): Condition {
  return group({ must });
}

/** At least one condition holds. */
export function any(...should: readonly Condition[]): Condition {
  return group({ should });
}

/** At least `minCount` of the conditions hold. */
export function atLeast(minCount: number, ...conditions: readonly Condition[]): Condition {
  return group({ minShould: { conditions, minCount } });
}

/** No condition holds. */
export function none(...mustNot: readonly Condition[]): Condition {
  return group({ mustNot });
}

/** One element of the list of objects at `key` passes the filter; its keys begin in the element. */
export function nested(key: string, filter: FilterInput): Condition {
  return { conditionOneOf: { $case: 'nested', value: { key, filter: toWireFilter(filter) } } };
}

/** Throws TypeError for a member that a filter does not have: left out silently, it would let more points pass. */
export function toWireFilter(filter: FilterInput): Filter {
  const { must = [], mustNot = [], should = [], minShould, ...others } = filter;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`filter.${unknown}: is not must, mustNot, should or minShould`);
  }
  return {
    must: [...must],
    mustNot: [...mustNot],
    should: [...should],
    minShould: minShould && {
      conditions: [...minShould.conditions],
      minCount: whole('minCount', minShould.minCount),
    },
  };
}

function group(filter: FilterInput): Condition {
  return { conditionOneOf: { $case: 'filter', value: toWireFilter(filter) } };
}
