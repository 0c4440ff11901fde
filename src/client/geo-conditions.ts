import type { Condition } from '../gen/vectorgateway/v1/filter.js';
import { onField } from './on-field.js';

/** Degrees: `lon` from -180 to 180, `lat` from -90 to 90. In payloads, `{ lon, lat }` too. */
export interface GeoPoint {
  readonly lon: number;
  readonly lat: number;
}

/** The place at `key` is no farther from `center` than so many metres. */
export function geoRadius(key: string, center: GeoPoint, radiusMeters: number): Condition {
  return onField({ key, geoRadius: { center, radius: radiusMeters } });
}

/** The place at `key` lies in the box between these corners. */
export function geoBox(
  key: string,
  { topLeft, bottomRight }: { readonly topLeft: GeoPoint; readonly bottomRight: GeoPoint },
): Condition {
  return onField({ key, geoBoundingBox: { topLeft, bottomRight } });
}

/** The place at `key` lies within a ring, and not in its holes. The last point of each ring is the first again. */
export function geoPolygon(
  key: string,
  exterior: readonly GeoPoint[],
  holes: readonly (readonly GeoPoint[])[] = [],
): Condition {
  const line = (points: readonly GeoPoint[]) => ({ points: [...points] });
  return onField({ key, geoPolygon: { exterior: line(exterior), interiors: holes.map(line) } });
}
