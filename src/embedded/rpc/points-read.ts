import { CountPointsSchema, CountResponseSchema, GetPointsSchema } from '@qdrant/js-client-grpc';
import { decode, encode, type Handler, secondsSince } from './handler.js';
import { PointsReply, selectionOf } from './reply.js';
import { testOf, uniqueIds } from './select-points.js';
import { checkRead } from './validate.js';

export const getPoints: Handler = (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(GetPointsSchema, bytes);
  checkRead(request);
  const ids = uniqueIds(request.ids);
  const reply = new PointsReply(1, selectionOf(request), store.limits.maxReplyBytes);
  const collection = store.catalog.get(request.collectionName);
  for (const id of ids) {
    const point = store.points.get(collection, id);
    if (point) reply.add({ point });
  }
  return reply.finish(startedAtMs);
};

/** Always exact, also when an estimate would do. */
export const countPoints: Handler = (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(CountPointsSchema, bytes);
  checkRead(request);
  const collection = store.catalog.get(request.collectionName);
  const test = testOf(request.filter, collection);
  let count = 0;
  if (!test) count = store.counts.of(collection).points;
  else for (const point of store.points.from(collection)) if (test(point)) count += 1;
  return encode(CountResponseSchema, { result: { count: BigInt(count) }, time: secondsSince(startedAtMs) });
};
