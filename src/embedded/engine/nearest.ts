import type { FilterPoint } from '../filter/index.js';
import type { IdKey } from '../model/point-id.js';
import type { Collection, VectorSpec } from './catalog.js';
import { metricOf, normalise } from './metric.js';
import type { Store } from './store.js';
import { type Hit, TopHits } from './top-hits.js';
import { scanStaged, type Threshold } from './vector-space.js';

export interface NearestQuery {
  /** As sent by the caller; of the collection's size. */
  readonly vector: Float32Array;
  /** Hits wanted, best first. */
  readonly limit: number;
  /** Strict: a hit must be better. */
  readonly scoreThreshold: number | undefined;
  readonly test: ((point: FilterPoint) => boolean) | undefined;
  /** Left out of the hits: the point that was asked by. */
  readonly except?: IdKey;
}

/** The nearest points, exactly: every row that passes the filter is compared. */
export function nearest(store: Store, collection: Collection, spec: VectorSpec, query: NearestQuery): Hit[] {
  const { arena, points, spaces } = store;
  const { test, except } = query;
  const metric = metricOf(spec.distance);
  const hits = new TopHits(query.limit + (except === undefined ? 0 : 1), metric.ascending);
  const threshold = thresholdOf(query.scoreThreshold, metric.ascending);
  // Loading may replace the arena's memory, so the query goes in after it.
  const space = spaces.get(collection, spec);
  putQuery(store, metric.normalise ? normalised(query.vector) : query.vector);
  if (test) store.payloads.touch(collection.id);
  const passes = (id: IdKey) => !test || test(points.known(collection, id));
  if (space) {
    if (test) space.scanOnly(space.ids.filter(passes), hits, threshold);
    else space.scanAll(hits, threshold);
  } else {
    scanStaged(arena, spec.size, metric, passing(spaces.rows(collection.id, spec), passes), hits, threshold);
  }
  const found = hits.sorted();
  return except === undefined ? found : found.filter(({ id }) => id !== except).slice(0, query.limit);
}

function thresholdOf(bound: number | undefined, ascending: boolean): Threshold {
  if (bound === undefined) return () => true;
  return ascending ? (score) => score < bound : (score) => score > bound;
}

function normalised(vector: Float32Array): Float32Array {
  const copy = vector.slice();
  normalise(copy);
  return copy;
}

function putQuery({ arena }: Store, vector: Float32Array): void {
  const at = arena.queryAt / 4;
  arena.floats.set(vector, at);
  // The kernel reads up to its step past the end.
  arena.floats.fill(0, at + vector.length, Math.min(at + vector.length + 16, arena.scoresAt / 4));
}

function* passing<T extends { id: IdKey }>(rows: Iterable<T>, passes: (id: IdKey) => boolean): Generator<T> {
  for (const row of rows) if (passes(row.id)) yield row;
}
