import type {
  DatetimeRange,
  FieldCondition,
  GeoBoundingBox,
  GeoLineString,
  GeoPoint,
  GeoPolygon,
  GeoRadius,
  Range,
  ValuesCount,
} from '@qdrant/js-client-grpc';
import { fieldError, type GatewayError } from '../errors/index.js';

/** Checks that a field condition says something about the field, and that its values make sense. */
export function checkPredicates(condition: FieldCondition, field: string): void {
  const { match, range, geoBoundingBox, geoRadius, geoPolygon, valuesCount, datetimeRange } = condition;
  const flags = [condition.isEmpty, condition.isNull];
  const predicates = [
    match,
    range,
    geoBoundingBox,
    geoRadius,
    geoPolygon,
    valuesCount,
    datetimeRange,
    ...flags,
  ];
  if (predicates.every((predicate) => predicate === undefined)) {
    throw invalid(field, 'has a key and no predicate; Qdrant could match every point');
  }
  if (match !== undefined && match.matchValue.case === undefined)
    throw invalid(`${field}.match`, 'has no value');
  if (range !== undefined) checkRange(range, `${field}.range`);
  if (valuesCount !== undefined) checkBounds(valuesCount, `${field}.values_count`);
  if (datetimeRange !== undefined) checkDatetimes(datetimeRange, `${field}.datetime_range`);
  if (geoBoundingBox !== undefined) checkBox(geoBoundingBox, `${field}.geo_bounding_box`);
  if (geoRadius !== undefined) checkRadius(geoRadius, `${field}.geo_radius`);
  if (geoPolygon !== undefined) checkPolygon(geoPolygon, `${field}.geo_polygon`);
}

const boundNames = ['lt', 'gt', 'gte', 'lte'] as const;

/** A range without bounds says nothing: most likely a bound got lost on the way here. */
function checkBounds(range: Range | ValuesCount | DatetimeRange, field: string): void {
  if (boundNames.every((name) => range[name] === undefined)) throw invalid(field, 'has no bound');
}

function checkRange(range: Range, field: string): void {
  checkBounds(range, field);
  for (const name of boundNames) {
    const bound = range[name];
    if (bound !== undefined && Number.isNaN(bound)) throw invalid(`${field}.${name}`, 'is not a number');
  }
}

// What google.protobuf.Timestamp allows: the years 1 to 9999.
const minSeconds = -62_135_596_800n;
const maxSeconds = 253_402_300_799n;

function checkDatetimes(range: DatetimeRange, field: string): void {
  checkBounds(range, field);
  for (const name of boundNames) {
    const time = range[name];
    if (time === undefined) continue;
    const inRange = time.seconds >= minSeconds && time.seconds <= maxSeconds;
    if (!inRange || time.nanos < 0 || time.nanos > 999_999_999) {
      throw invalid(`${field}.${name}`, 'is not a time between the years 1 and 9999');
    }
  }
}

function checkBox({ topLeft, bottomRight }: GeoBoundingBox, field: string): void {
  checkPoint(topLeft, `${field}.top_left`);
  checkPoint(bottomRight, `${field}.bottom_right`);
  if (topLeft !== undefined && bottomRight !== undefined && topLeft.lat < bottomRight.lat) {
    throw invalid(`${field}.top_left.lat`, 'lies below bottom_right.lat');
  }
}

function checkRadius({ center, radius }: GeoRadius, field: string): void {
  checkPoint(center, `${field}.center`);
  // Also false for NaN.
  if (!(radius >= 0 && Number.isFinite(radius)))
    throw invalid(`${field}.radius`, 'is not a distance in metres');
}

function checkPolygon({ exterior, interiors }: GeoPolygon, field: string): void {
  checkRing(exterior, `${field}.exterior`);
  interiors.forEach((ring, index) => {
    checkRing(ring, `${field}.interiors[${index}]`);
  });
}

function checkRing(ring: GeoLineString | undefined, field: string): void {
  const points = ring?.points ?? [];
  if (points.length < 4) throw invalid(field, 'must have at least 4 points, the last equal to the first');
  points.forEach((point, index) => {
    checkPoint(point, `${field}.points[${index}]`);
  });
  const first = points[0];
  const last = points[points.length - 1];
  if (first?.lat !== last?.lat || first?.lon !== last?.lon) throw invalid(field, 'must end where it begins');
}

/** Qdrant panics in a task on values out of range. */
function checkPoint(point: GeoPoint | undefined, field: string): void {
  if (point === undefined) throw invalid(field, 'is missing');
  if (!(Math.abs(point.lat) <= 90)) throw invalid(`${field}.lat`, 'must be within -90 and 90');
  if (!(Math.abs(point.lon) <= 180)) throw invalid(`${field}.lon`, 'must be within -180 and 180');
}

function invalid(field: string, description: string): GatewayError {
  return fieldError('FILTER_INVALID', field, description);
}
