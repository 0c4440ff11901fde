import { Direction, type OrderBy, PayloadSchemaType, type StartFrom } from '@qdrant/js-client-grpc';
import type { Collection } from '../engine/catalog.js';
import { indexesOf } from '../engine/payload-indexes.js';
import type { StoredPoint } from '../engine/points.js';
import type { Store } from '../engine/store.js';
import { type Instant, parseInstant } from '../filter/index.js';
import type { Json } from '../model/json.js';
import { parsePath, valuesAt } from '../model/json-path.js';
import { invalid } from '../store-status.js';
import type { OrderValue, ReplyPoint } from './reply.js';
import type { PointTest } from './select-points.js';

/** An order value: integers and dates (microseconds since 1970) are bigint, doubles are numbers. */
type Key = bigint | number;

/** What an index of this type orders a payload value by. */
type Reader = (value: Json) => Key | undefined;

const microseconds = ({ seconds, nanos }: Instant): bigint =>
  BigInt(seconds) * 1_000_000n + BigInt(Math.floor(nanos / 1000));

function readDate(value: Json): Key | undefined {
  const instant = typeof value === 'string' ? parseInstant(value) : undefined;
  return instant && microseconds(instant);
}

function readInteger(value: Json): Key | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

const readNumber = (value: Json): Key | undefined =>
  typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;

function readerOf(collection: Collection, key: string): Reader {
  const info = indexesOf(collection).get(key)?.info;
  const params = info?.params?.indexParams;
  const hasRange = params?.case !== 'integerIndexParams' || params.value.range !== false;
  if (info?.dataType === PayloadSchemaType.Integer && hasRange) return readInteger;
  if (info?.dataType === PayloadSchemaType.Float) return readNumber;
  if (info?.dataType === PayloadSchemaType.Datetime) return readDate;
  throw invalid(
    `Wrong input: No range index for \`order_by\` key: \`${key}\`. Please create one to use \`order_by\`.`,
  );
}

function startOf(start: StartFrom | undefined): Key | undefined {
  const value = start?.value;
  switch (value?.case) {
    case 'float':
    case 'integer':
      return value.value;
    case 'timestamp':
      return microseconds({ seconds: Number(value.value.seconds), nanos: value.value.nanos });
    case 'datetime': {
      const instant = parseInstant(value.value);
      if (!instant) throw invalid(`Wrong input: \`${value.value.slice(0, 100)}\` is not a date`);
      return microseconds(instant);
    }
    default:
      return undefined;
  }
}

interface Entry extends ReplyPoint {
  readonly key: Key;
}

/**
 * The first `limit` values of a payload index in order, each with its point: a point with a list comes once for
 * every element, one without a value not at all. Throws INVALID_ARGUMENT without an index that has an order.
 */
export function ordered(
  store: Store,
  collection: Collection,
  orderBy: OrderBy,
  test: PointTest | undefined,
  limit: number,
): readonly ReplyPoint[] {
  const path = parsePath(orderBy.key);
  const read = readerOf(collection, orderBy.key);
  const start = startOf(orderBy.startFrom);
  const sign = orderBy.direction === Direction.Desc ? -1 : 1;
  const entries: Entry[] = [];
  for (const point of store.points.from(collection)) {
    if (test && !test(point)) continue;
    for (const key of keysOf(point, path, read)) {
      if (start === undefined || sign * compare(key, start) >= 0)
        entries.push({ point, key, order: shown(key) });
    }
  }
  return entries.sort((a, b) => sign * compare(a.key, b.key)).slice(0, limit);
}

function keysOf(point: StoredPoint, path: Parameters<typeof valuesAt>[1], read: Reader): Key[] {
  const values = valuesAt(point.payload(), path).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return values.map(read).filter((key) => key !== undefined);
}

/** Exact between bigint and number too. */
const compare = (a: Key, b: Key): number => (a < b ? -1 : Number(a > b));

const shown = (key: Key): OrderValue => (typeof key === 'bigint' ? { int: key } : { float: key });
