import type { GeoBoundingBox, GeoLineString, GeoPoint, GeoPolygon, GeoRadius } from '@qdrant/js-client-grpc';
import { isObject, type Json, numberOf } from '../model/json.js';
import { invalid } from '../store-status.js';
import type { ValueTest } from './point.js';

interface Place {
  readonly lon: number;
  readonly lat: number;
}

const EARTH_RADIUS_METRES = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** A place is an object with the numbers `lon` and `lat`. */
export function placeOf(value: Json): Place | undefined {
  if (!isObject(value)) return undefined;
  const lon = numberOf(value.get('lon') ?? null);
  const lat = numberOf(value.get('lat') ?? null);
  return lon === undefined || lat === undefined ? undefined : { lon, lat };
}

const atPlace =
  (test: (place: Place) => boolean): ValueTest =>
  (value) => {
    const place = placeOf(value);
    return place !== undefined && test(place);
  };

/** The border is outside. A box whose left side lies east of its right side goes over the 180th meridian. */
export function boxTest({ topLeft, bottomRight }: GeoBoundingBox): ValueTest {
  if (!topLeft || !bottomRight) throw invalid('Malformed GeoBoundingBox type');
  const crosses = topLeft.lon > bottomRight.lon;
  return atPlace(({ lon, lat }) => {
    const east = lon > topLeft.lon;
    const west = lon < bottomRight.lon;
    return (crosses ? east || west : east && west) && lat < topLeft.lat && lat > bottomRight.lat;
  });
}

/** Nearer than the radius, along the surface of a sphere. */
export function radiusTest({ center, radius }: GeoRadius): ValueTest {
  if (!center) throw invalid('Malformed GeoRadius type');
  return atPlace((place) => haversineMetres(center, place) < radius);
}

function haversineMetres(from: Place, to: Place): number {
  const halfLat = Math.sin(radians(to.lat - from.lat) / 2);
  const halfLon = Math.sin(radians(to.lon - from.lon) / 2);
  const chord = halfLat ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * halfLon ** 2;
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/** Inside the outer ring and in none of its holes; rings are on the plane of degrees. */
export function polygonTest({ exterior, interiors }: GeoPolygon): ValueTest {
  if (!exterior) throw invalid('Malformed GeoPolygon type - field `exterior` is required');
  const outer = ringOf(exterior);
  const holes = interiors.map(ringOf);
  return atPlace((place) => isInside(outer, place) && !holes.some((hole) => isInside(hole, place)));
}

function ringOf({ points }: GeoLineString): readonly GeoPoint[] {
  const first = points[0];
  const last = points[points.length - 1];
  if (points.length < 3 || first?.lon !== last?.lon || first?.lat !== last?.lat) {
    throw invalid('GeoPolygon: a ring must have at least 3 points and end where it begins');
  }
  return points;
}

/** Whether a ray to the east crosses the ring an odd number of times. */
function isInside(ring: readonly GeoPoint[], { lon, lat }: Place): boolean {
  let inside = false;
  ring.forEach((to, index) => {
    const from = ring[index - 1];
    if (!from || from.lat > lat === to.lat > lat) return;
    const crossing = from.lon + ((lat - from.lat) / (to.lat - from.lat)) * (to.lon - from.lon);
    if (lon < crossing) inside = !inside;
  });
  return inside;
}
