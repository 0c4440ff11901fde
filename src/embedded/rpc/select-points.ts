import type { Filter, PointsSelector } from '@qdrant/js-client-grpc';
import type { Collection } from '../engine/catalog.js';
import { indexesOf } from '../engine/payload-indexes.js';
import type { Points, StoredPoint } from '../engine/points.js';
import { compileFilter, type FilterPoint } from '../filter/index.js';
import { type IdKey, idKey } from '../model/point-id.js';
import { invalid } from '../store-status.js';

export type PointTest = (point: FilterPoint) => boolean;

/** The test of a filter; undefined for one that every point passes. */
export function testOf(filter: Filter | undefined, collection: Collection): PointTest | undefined {
  if (!filter) return undefined;
  const { should, must, mustNot, minShould } = filter;
  if (should.length + must.length + mustNot.length === 0 && !minShould) return undefined;
  const indexes = indexesOf(collection);
  return compileFilter(filter, (path) => indexes.get(path)?.info);
}

const MAX_IDS = 10_000;

/** The keys of a list of ids, each once, in the order given. Throws INVALID_ARGUMENT for a bad or a too long list. */
export function uniqueIds(ids: Parameters<typeof idKey>[0][]): ReadonlySet<IdKey> {
  if (ids.length > MAX_IDS) throw invalid(`more than ${MAX_IDS} ids in one request`);
  return new Set(ids.map(idKey));
}

/**
 * The points that a write means, one at a time; called inside the write. `onMissing` hears of ids that were asked
 * for by name and do not exist.
 */
export type SelectPoints = (
  points: Points,
  collection: Collection,
  onMissing?: (id: IdKey) => void,
) => Iterable<StoredPoint>;

/** Throws INVALID_ARGUMENT. */
export function pointsSelection(selector: PointsSelector | undefined, absent: string): SelectPoints {
  if (!selector) throw invalid(absent);
  const one = selector.pointsSelectorOneOf;
  if (one.case === undefined) throw invalid('Malformed PointsSelector type');
  if (one.case === 'points') {
    const ids = uniqueIds(one.value.ids);
    if (ids.size === 0) throw invalid('Bad request: Empty update request');
    return (points, collection, onMissing) => byIds(points, collection, ids, onMissing);
  }
  const filter = one.value;
  return (points, collection) => passing(points, collection, testOf(filter, collection));
}

function* passing(points: Points, collection: Collection, test: PointTest | undefined) {
  for (const point of points.from(collection)) if (!test || test(point)) yield point;
}

function* byIds(
  points: Points,
  collection: Collection,
  ids: Iterable<IdKey>,
  onMissing: ((id: IdKey) => void) | undefined,
) {
  for (const id of ids) {
    const point = points.get(collection, id);
    if (point) yield point;
    else onMissing?.(id);
  }
}
