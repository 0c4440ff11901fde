import {
  ClearPayloadPointsSchema,
  DeletePayloadPointsSchema,
  type PointsSelector,
  SetPayloadPointsSchema,
} from '@qdrant/js-client-grpc';
import type { Store } from '../engine/store.js';
import { cloneObject, type JsonObject } from '../model/json.js';
import { mergeAt, parsePath, removeAt } from '../model/json-path.js';
import { readEntry } from '../model/payload-codec.js';
import type { IdKey } from '../model/point-id.js';
import { decode, type Handler, writeDone } from './handler.js';
import { takeField } from './point-input.js';
import { editPoints, throwIfMissing } from './points-write.js';
import { pointsSelection } from './select-points.js';
import { checkWrite } from './validate.js';

interface PayloadChange {
  readonly collectionName: string;
  readonly selector: PointsSelector | undefined;
  readonly absent: string;
  readonly bytes: number;
  /** The payload that a point has afterwards; may change the one that it gets. */
  readonly change: (payload: JsonObject) => JsonObject;
}

async function changePayloads(store: Store, wanted: PayloadChange): Promise<void> {
  const select = pointsSelection(wanted.selector, wanted.absent);
  const collection = store.catalog.get(wanted.collectionName);
  const missing = await editPoints(store, collection, wanted.bytes, (edits) => {
    let firstMissing: IdKey | undefined;
    const onMissing = (id: IdKey) => {
      firstMissing ??= id;
    };
    for (const point of select(store.uncached, edits.collection, onMissing)) {
      // The old payload is read once more, for the counts of indexes.
      edits.replacePayload(point, wanted.change(cloneObject(point.payload())));
    }
    return firstMissing;
  });
  throwIfMissing(missing);
}

/** Cuts the payload (field 3) out of a SetPayload request: decoded by hand, so that every key survives. */
function readSet(bytes: Buffer) {
  const { envelope, points: entries } = takeField(bytes, 3);
  const request = decode(SetPayloadPointsSchema, envelope);
  checkWrite(request);
  const payload: JsonObject = new Map();
  for (const entry of entries) readEntry(entry, payload);
  return { request, payload };
}

export const setPayload: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const { request, payload } = readSet(bytes);
  const path = request.key === undefined ? undefined : parsePath(request.key);
  await changePayloads(store, {
    collectionName: request.collectionName,
    selector: request.pointsSelector,
    absent: 'points_selector is expected',
    bytes: bytes.length,
    change: (old) => {
      if (path) mergeAt(old, path, payload);
      else for (const [key, value] of payload) old.set(key, value);
      return old;
    },
  });
  return writeDone(request.wait, startedAtMs);
};

/** `key` is not looked at, as in Qdrant. */
export const overwritePayload: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const { request, payload } = readSet(bytes);
  await changePayloads(store, {
    collectionName: request.collectionName,
    selector: request.pointsSelector,
    absent: 'points_selector is expected',
    bytes: bytes.length,
    change: () => payload,
  });
  return writeDone(request.wait, startedAtMs);
};

export const deletePayload: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(DeletePayloadPointsSchema, bytes);
  checkWrite(request);
  const paths = request.keys.map(parsePath);
  await changePayloads(store, {
    collectionName: request.collectionName,
    selector: request.pointsSelector,
    absent: 'points_selector is expected',
    bytes: bytes.length,
    change: (old) => {
      for (const path of paths) removeAt(old, path);
      return old;
    },
  });
  return writeDone(request.wait, startedAtMs);
};

export const clearPayload: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(ClearPayloadPointsSchema, bytes);
  checkWrite(request);
  await changePayloads(store, {
    collectionName: request.collectionName,
    selector: request.points,
    absent: 'PointSelector is missing',
    bytes: bytes.length,
    change: () => new Map(),
  });
  return writeDone(request.wait, startedAtMs);
};
