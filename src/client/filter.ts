import type { Condition, Filter, Match, Range } from '../gen/vectorgateway/v1/filter.js';
import { type PointIdInput, toWireId } from './point-id.js';

export type { Condition };

/** Every `must`, no `mustNot`, at least one `should`. */
export interface FilterInput {
  readonly must?: readonly Condition[];
  readonly mustNot?: readonly Condition[];
  readonly should?: readonly Condition[];
}

/** The value at `key` is this one, or one of these. */
export function match(
  key: string,
  value: string | boolean | number | bigint | readonly string[] | readonly (number | bigint)[],
): Condition {
  return field(key, { match: { matchValue: matchValue(value) } });
}

/** The text at `key` holds the words of `text`. */
export function matchText(key: string, text: string): Condition {
  return field(key, { match: { matchValue: { $case: 'text', value: text } } });
}

/** The number at `key` lies within these bounds. */
export function range(key: string, bounds: Range): Condition {
  return field(key, { range: bounds });
}

/** The point has one of these ids. */
export function hasId(...ids: readonly PointIdInput[]): Condition {
  return { conditionOneOf: { $case: 'hasId', value: { hasId: ids.map(toWireId) } } };
}

/** There is nothing at `key`, or null, or an empty list. */
export function isEmpty(key: string): Condition {
  return { conditionOneOf: { $case: 'isEmpty', value: { key } } };
}

/** Every condition holds. */
export function all(...must: readonly Condition[]): Condition {
  return nested({ must });
}

/** At least one condition holds. */
export function any(...should: readonly Condition[]): Condition {
  return nested({ should });
}

/** No condition holds. */
export function none(...mustNot: readonly Condition[]): Condition {
  return nested({ mustNot });
}

/** Throws TypeError for a member that a filter does not have: left out silently, it would let more points pass. */
export function toWireFilter(filter: FilterInput): Filter {
  const { must = [], mustNot = [], should = [], ...others } = filter;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`filter.${unknown}: is not must, mustNot or should`);
  return { must: [...must], mustNot: [...mustNot], should: [...should], minShould: undefined };
}

function nested(filter: FilterInput): Condition {
  return { conditionOneOf: { $case: 'filter', value: toWireFilter(filter) } };
}

function field(key: string, predicate: { match?: Match; range?: Range }): Condition {
  return { conditionOneOf: { $case: 'field', value: { key, ...predicate } } };
}

function matchValue(value: Parameters<typeof match>[1]): Match['matchValue'] {
  switch (typeof value) {
    case 'string':
      return { $case: 'keyword', value };
    case 'boolean':
      return { $case: 'boolean', value };
    case 'number':
    case 'bigint':
      return { $case: 'integer', value: integer(value) };
    default:
      return value.every((item) => typeof item === 'string')
        ? { $case: 'keywords', value: { strings: [...value] } }
        : { $case: 'integers', value: { integers: value.map(integer) } };
  }
}

function integer(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(Number(value));
  throw new TypeError(`match: ${String(value)} is not an integer; use range() for other numbers`);
}
