import { ScrollPointsSchema } from '@qdrant/js-client-grpc';
import { type IdKey, idKey } from '../model/point-id.js';
import { invalid } from '../store-status.js';
import { decode, type Handler } from './handler.js';
import { ordered } from './order-by.js';
import { PointsReply, selectionOf } from './reply.js';
import { testOf } from './select-points.js';
import { checkRead, countOf } from './validate.js';

const DEFAULT_LIMIT = 10;

export const scrollPoints: Handler = (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(ScrollPointsSchema, bytes);
  checkRead(request);
  const limit = countOf('limit', request.limit, DEFAULT_LIMIT, 1);
  const from = request.offset && idKey(request.offset);
  const reply = new PointsReply(2, selectionOf(request, 'all'), store.limits.maxReplyBytes);
  const collection = store.catalog.get(request.collectionName);
  const test = testOf(request.filter, collection);
  if (request.orderBy) {
    if (from !== undefined) throw invalid('Wrong input: Cannot use an `offset` when using `order_by`');
    for (const hit of ordered(store, collection, request.orderBy, test, limit)) reply.add(hit);
    return reply.finish(startedAtMs);
  }
  let next: IdKey | undefined;
  let found = 0;
  for (const point of store.points.from(collection, from)) {
    if (test && !test(point)) continue;
    if (found === limit) {
      next = point.id;
      break;
    }
    reply.add({ point });
    found += 1;
  }
  return reply.finish(startedAtMs, next);
};
