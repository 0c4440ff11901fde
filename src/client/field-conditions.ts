import { types } from 'node:util';
import type { Timestamp } from '../gen/google/protobuf/timestamp.js';
import type { Condition, Match, Range } from '../gen/vectorgateway/v1/filter.js';
import { onField } from './on-field.js';
import { whole } from './whole.js';

/** Lower and upper bounds; those that are left out do not limit. */
export interface Bounds<Value> {
  readonly lt?: Value | undefined;
  readonly lte?: Value | undefined;
  readonly gt?: Value | undefined;
  readonly gte?: Value | undefined;
}

type Keywords = readonly string[];
type Integers = readonly (number | bigint)[];

/** The value at `key` is this one, or one of these. */
export function match(
  key: string,
  value: string | boolean | number | bigint | Keywords | Integers,
): Condition {
  return onField({ key, match: { matchValue: matchValue(value) } });
}

/** There is a value at `key`, and it is none of these. */
export function matchExcept(key: string, values: Keywords | Integers): Condition {
  const matchValue: Match['matchValue'] = isKeywords(values)
    ? { $case: 'exceptKeywords', value: { strings: [...values] } }
    : { $case: 'exceptIntegers', value: { integers: values.map(integer) } };
  return onField({ key, match: { matchValue } });
}

/** The text at `key` holds the words of `text`. */
export function matchText(key: string, text: string): Condition {
  return onField({ key, match: { matchValue: { $case: 'text', value: text } } });
}

/** The text at `key` holds one of the words of `text`. */
export function matchAnyWord(key: string, text: string): Condition {
  return onField({ key, match: { matchValue: { $case: 'textAny', value: text } } });
}

/**
 * The text at `key` holds this phrase as it is written. For fields without an index: on one with an index of type text,
 * as createPayloadIndex makes it, no point passes.
 */
export function matchPhrase(key: string, phrase: string): Condition {
  return onField({ key, match: { matchValue: { $case: 'phrase', value: phrase } } });
}

/** The number at `key` lies within these bounds. */
export function range(key: string, bounds: Range): Condition {
  return onField({ key, range: mapBounds('range', bounds, (bound) => bound) });
}

/** The date at `key` (RFC 3339) lies within these bounds. */
export function dateRange(key: string, bounds: Bounds<Date>): Condition {
  return onField({ key, datetimeRange: mapBounds('dateRange', bounds, timestamp) });
}

/** As many values are at `key`: 0 for none, the length of a list, 1 for all else. */
export function valuesCount(key: string, bounds: Bounds<number>): Condition {
  return onField({ key, valuesCount: mapBounds('valuesCount', bounds, (bound, path) => whole(path, bound)) });
}

/** There is nothing at `key`, or null, or an empty list. */
export function isEmpty(key: string): Condition {
  return { conditionOneOf: { $case: 'isEmpty', value: { key } } };
}

/** There is null at `key`. */
export function isNull(key: string): Condition {
  return { conditionOneOf: { $case: 'isNull', value: { key } } };
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
      return isKeywords(value)
        ? { $case: 'keywords', value: { strings: [...value] } }
        : { $case: 'integers', value: { integers: value.map(integer) } };
  }
}

function isKeywords(values: Keywords | Integers): values is Keywords {
  return values.every((value) => typeof value === 'string');
}

function integer(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(Number(value));
  throw new TypeError(`match: ${String(value)} is not an integer; use range() for other numbers`);
}

const boundNames = ['lt', 'lte', 'gt', 'gte'] as const;

// A bound that is left out silently, for its name, would let more points pass.
function mapBounds<From, To>(
  what: string,
  bounds: Bounds<From>,
  convert: (bound: From, path: string) => To,
): { [Name in (typeof boundNames)[number]]?: To } {
  const unknown = Object.keys(bounds).find((name) => !boundNames.some((known) => known === name));
  if (unknown !== undefined) throw new TypeError(`${what}.${unknown}: is not lt, lte, gt or gte`);
  const converted: { [Name in (typeof boundNames)[number]]?: To } = {};
  for (const name of boundNames) {
    const bound = bounds[name];
    if (bound !== undefined) converted[name] = convert(bound, `${what}.${name}`);
  }
  return converted;
}

function timestamp(date: Date, path: string): Timestamp {
  const ms = types.isDate(date) ? date.getTime() : Number.NaN;
  if (Number.isNaN(ms)) throw new TypeError(`${path}: is not a valid Date`);
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 };
}
