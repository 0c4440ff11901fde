import type { FieldCondition } from '@qdrant/js-client-grpc';
import type { Json } from '../model/json.js';
import { parsePath, valuesAt } from '../model/json-path.js';
import { validation } from '../store-status.js';
import { boxTest, polygonTest, radiusTest } from './geo.js';
import { type IndexLookup, onIndexedNumbers } from './indexes.js';
import { matchTest } from './match.js';
import type { FilterPoint, ValueTest } from './point.js';
import { countTest, datetimeRangeTest, rangeTest } from './range.js';

/** A condition on the values at a path. Throws INVALID_ARGUMENT for a bad path or a condition without predicate. */
export function fieldTest(condition: FieldCondition, indexes: IndexLookup): (point: FilterPoint) => boolean {
  const path = parsePath(condition.key);
  const onValue = wholeValueTest(condition) ?? elementTest(condition, indexes);
  const onMissing = whenMissing(condition);
  const [step] = path;
  if (path.length === 1) {
    return (point) => {
      const value = point.payload().get(step.key);
      return value === undefined ? onMissing : onValue(value);
    };
  }
  return (point) => {
    const values = valuesAt(point.payload(), path);
    return values.length === 0 ? onMissing : values.some(onValue);
  };
}

/** The predicates that look at a list as one value. Beside one of them Qdrant reads no other predicate. */
function wholeValueTest({ valuesCount, isEmpty, isNull }: FieldCondition): ValueTest | undefined {
  if (valuesCount) return countTest(valuesCount);
  if (isEmpty !== undefined) return (value) => flagEmpty(value) === isEmpty;
  if (isNull !== undefined) return (value) => flagNull(value) === isNull;
  return undefined;
}

const flagEmpty = (value: Json) => value === null || (Array.isArray(value) && value.length === 0);

/** Unlike the is_null condition, the flag also sees a null inside a list. */
const flagNull = (value: Json) => value === null || (Array.isArray(value) && value.includes(null));

/** No count, not even 0, holds for a key that is not there. */
function whenMissing({ isEmpty, isNull }: FieldCondition): boolean {
  if (isEmpty !== undefined) return isEmpty;
  return isNull !== undefined && !isNull;
}

/** The predicates that hold for a list when one of its elements satisfies one of them. */
function elementTest(condition: FieldCondition, indexes: IndexLookup): ValueTest {
  const { match, range, datetimeRange, geoBoundingBox, geoRadius, geoPolygon } = condition;
  const index = indexes(condition.key);
  const some: ValueTest[] = [];
  if (match) some.push(matchTest(match, index));
  if (range) some.push(onIndexedNumbers(index, rangeTest(range)));
  if (datetimeRange) some.push(datetimeRangeTest(datetimeRange));
  if (geoBoundingBox) some.push(boxTest(geoBoundingBox));
  if (geoRadius) some.push(radiusTest(geoRadius));
  if (geoPolygon) some.push(polygonTest(geoPolygon));
  const [first] = some;
  if (!first) throw validation('filter', 'At least one field condition must be specified');
  const test: ValueTest = some.length === 1 ? first : (value) => some.some((one) => one(value));
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}
