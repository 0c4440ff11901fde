import {
  DeletePointsSchema,
  DeletePointVectorsSchema,
  type Filter,
  UpdateMode,
  UpdatePointVectorsSchema,
  UpsertPointsSchema,
} from '@qdrant/js-client-grpc';
import type { Collection } from '../engine/catalog.js';
import { Edits } from '../engine/edits.js';
import { pointValue, type StoredPoint, specOf } from '../engine/points.js';
import type { Store } from '../engine/store.js';
import { type IdKey, idText } from '../model/point-id.js';
import { invalid, notFound } from '../store-status.js';
import { decode, type Handler, writeDone } from './handler.js';
import { POINT_STRUCT, POINT_VECTORS, readId, readPoint, readVector, takeField } from './point-input.js';
import { pointsSelection, testOf } from './select-points.js';
import { checkWrite } from './validate.js';

/**
 * Runs a change of points as one operation: on disk whole or not at all. The collection is looked up again inside,
 * because it may have been deleted or made anew while the write waited.
 */
export function editPoints<T>(
  store: Store,
  collection: Collection,
  bytes: number,
  edit: (edits: Edits) => T,
): Promise<T> {
  return store.writer.submit((batch) => {
    const current = store.catalog.get(collection.name);
    if (current.id !== collection.id) throw collectionGone(collection.name);
    const edits = new Edits(store, batch, current);
    const result = edit(edits);
    edits.finish();
    return result;
  }, bytes);
}

const collectionGone = (name: string) => notFound(`Not found: Collection \`${name}\` doesn't exist!`);

/** Existing points of a list are changed although the answer is NOT_FOUND for a missing one, as in Qdrant. */
export function throwIfMissing(missing: IdKey | undefined): void {
  if (missing !== undefined) throw notFound(`Not found: No point with id ${idText(missing)} found`);
}

/** The payload is encoded at once: waiting for the disk, its JSON would take many times the bytes of the request. */
interface NewPoint {
  readonly value: Buffer;
  readonly vector: Float32Array | undefined;
}

export const upsert: Handler = async (store, request) => {
  const startedAtMs = performance.now();
  const { envelope, points } = takeField(request, 3);
  const { collectionName, wait, updateFilter, updateMode, ...rest } = decode(UpsertPointsSchema, envelope);
  checkWrite({ collectionName, ...rest });
  if (points.length === 0) throw invalid('Bad request: Empty update request');
  const collection = store.catalog.get(collectionName);
  const spec = specOf(collection);
  // The last of several versions of one id wins, in the place of the first.
  const wanted = new Map<IdKey, NewPoint>();
  for (const bytes of points) {
    const { id, vectors, payload } = readPoint(bytes, POINT_STRUCT);
    const key = readId(id, 'Empty ID is not allowed');
    if (!vectors) throw invalid('Expected some vectors');
    wanted.set(key, { value: pointValue(payload), vector: readVector(vectors, spec) });
  }
  await editPoints(store, collection, request.length, (edits) => {
    const mayReplace = replaceRule(updateMode, updateFilter, edits.collection);
    for (const [id, { value, vector }] of wanted) {
      const before = edits.point(id);
      if (before ? mayReplace(before) : updateMode !== UpdateMode.UpdateOnly) {
        edits.putPoint(id, before, value, vector);
      }
    }
  });
  return writeDone(wait, startedAtMs);
};

/** Whether an upsert may replace a point that exists. An update mode that Qdrant does not know means Upsert. */
function replaceRule(mode: UpdateMode | undefined, filter: Filter | undefined, collection: Collection) {
  if (mode === UpdateMode.InsertOnly) return () => false;
  const test = testOf(filter, collection);
  return (before: StoredPoint) => !test || test(before);
}

export const updateVectors: Handler = async (store, request) => {
  const startedAtMs = performance.now();
  const { envelope, points } = takeField(request, 3);
  const { collectionName, wait, updateFilter, ...rest } = decode(UpdatePointVectorsSchema, envelope);
  checkWrite({ collectionName, ...rest });
  if (points.length === 0) throw invalid('Bad request: Empty update request');
  const collection = store.catalog.get(collectionName);
  const spec = specOf(collection);
  const wanted = new Map<IdKey, Float32Array | undefined>();
  for (const bytes of points) {
    const { id, vectors } = readPoint(bytes, POINT_VECTORS);
    const key = readId(id, 'id is expected');
    if (!vectors) throw invalid('vectors is expected');
    wanted.set(key, readVector(vectors, spec));
  }
  const missing = await editPoints(store, collection, request.length, (edits) => {
    const test = testOf(updateFilter, edits.collection);
    let firstMissing: IdKey | undefined;
    for (const [id, vector] of wanted) {
      const before = edits.point(id);
      if (!before) firstMissing ??= id;
      else if (vector && (!test || test(before))) edits.putVector(id, vector);
    }
    // With a filter, points that do not exist are points that do not match.
    return test ? undefined : firstMissing;
  });
  throwIfMissing(missing);
  return writeDone(wait, startedAtMs);
};

export const deletePoints: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(DeletePointsSchema, bytes);
  checkWrite(request);
  const select = pointsSelection(request.points, 'PointSelector is missing');
  const collection = store.catalog.get(request.collectionName);
  await editPoints(store, collection, bytes.length, (edits) => {
    for (const point of select(store.uncached, edits.collection)) edits.deletePoint(point);
  });
  return writeDone(request.wait, startedAtMs);
};

export const deleteVectors: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(DeletePointVectorsSchema, bytes);
  checkWrite(request);
  const select = pointsSelection(request.pointsSelector, 'points_selector is expected');
  if (!request.vectors) throw invalid('vectors is expected');
  const { names } = request.vectors;
  const unknown = names.find((name) => name !== '');
  if (unknown !== undefined) throw invalid(`Wrong input: Not existing vector name error: ${unknown}`);
  const collection = store.catalog.get(request.collectionName);
  await editPoints(store, collection, bytes.length, (edits) => {
    if (names.length === 0) return;
    for (const point of select(store.uncached, edits.collection)) edits.deleteVector(point.id);
  });
  return writeDone(request.wait, startedAtMs);
};
