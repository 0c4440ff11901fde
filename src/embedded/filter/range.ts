import type { DatetimeRange, Range, ValuesCount } from '@qdrant/js-client-grpc';
import { type Json, numberOf } from '../model/json.js';
import { compareInstants, type Instant, parseInstant } from './datetime.js';
import type { ValueTest } from './point.js';

interface Bounds<T> {
  readonly lt?: T | undefined;
  readonly gt?: T | undefined;
  readonly gte?: T | undefined;
  readonly lte?: T | undefined;
}

type Compare<T> = (left: T, right: T) => number;

/** Every bound that is given must hold; without any, every value that can be compared is inside. */
function isWithin<T>({ lt, gt, gte, lte }: Bounds<T>, compare: Compare<T>, value: T): boolean {
  return (
    (lt === undefined || compare(value, lt) < 0) &&
    (gt === undefined || compare(value, gt) > 0) &&
    (lte === undefined || compare(value, lte) <= 0) &&
    (gte === undefined || compare(value, gte) >= 0)
  );
}

/** NaN, which only a bound can be, lies above every number, as in Qdrant. */
function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(right)) return -1;
  return left < right ? -1 : Number(left > right);
}

/** Integers and doubles alike. */
export function rangeTest(range: Range): ValueTest {
  return (value) => {
    const number = numberOf(value);
    return number !== undefined && isWithin(range, compareNumbers, number);
  };
}

/** Texts that are no date, and numbers, are outside every range. */
export function datetimeRangeTest({ lt, gt, gte, lte }: DatetimeRange): ValueTest {
  const at = (time: { seconds: bigint; nanos: number } | undefined): Instant | undefined =>
    time && { seconds: Number(time.seconds), nanos: time.nanos };
  const bounds = { lt: at(lt), gt: at(gt), gte: at(gte), lte: at(lte) };
  return (value) => {
    const instant = typeof value === 'string' ? parseInstant(value) : undefined;
    return instant !== undefined && isWithin(bounds, compareInstants, instant);
  };
}

export function countTest(range: ValuesCount): ValueTest {
  return (value) => isWithin(range, (left, right) => Number(left - right), countOf(value));
}

function countOf(value: Json): bigint {
  if (Array.isArray(value)) return BigInt(value.length);
  return value === null ? 0n : 1n;
}
