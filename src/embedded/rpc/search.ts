import { setImmediate as nextTurn } from 'node:timers/promises';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type Filter,
  type PointId,
  type Query,
  QueryPointsSchema,
  SearchBatchPointsSchema,
  type SearchPoints,
  SearchPointsSchema,
  type VectorInput,
} from '@qdrant/js-client-grpc';
import type { Collection, VectorSpec } from '../engine/catalog.js';
import { nearest } from '../engine/nearest.js';
import { specOf } from '../engine/points.js';
import { floatsOf } from '../engine/spaces.js';
import type { Store } from '../engine/store.js';
import { type IdKey, idKey, idText } from '../model/point-id.js';
import { invalid, notFound, unsupported } from '../store-status.js';
import { decode, type Handler, secondsSince } from './handler.js';
import { checkSize } from './point-input.js';
import { PointsReply, replyTooLarge, type Selection, selectionOf } from './reply.js';
import { testOf } from './select-points.js';
import { checkRead, countOf } from './validate.js';

const DEFAULT_LIMIT = 10;

interface Ranking {
  readonly vector: Float32Array;
  readonly filter: Filter | undefined;
  readonly limit: number;
  readonly offset: number;
  readonly scoreThreshold: number | undefined;
  readonly except?: IdKey;
}

/** SearchPoints and QueryPoints end here; both replies hold scored points in field 1. */
function rank(store: Store, collection: Collection, wanted: Ranking, selection: Selection): PointsReply {
  const spec = namedSpec(collection, '');
  checkSize(wanted.vector.length, spec);
  const test = testOf(wanted.filter, collection);
  const limit = wanted.offset + wanted.limit;
  const hits = nearest(store, collection, spec, { ...wanted, limit, test }).slice(wanted.offset);
  const reply = new PointsReply(1, selection, store.limits.maxReplyBytes);
  for (const { id, score } of hits) {
    // A delete is on disk a moment before it is in memory: such a hit has nothing to show.
    const point = store.points.get(collection, id);
    if (point) reply.add({ point, score });
  }
  return reply;
}

function namedSpec(collection: Collection, name: string): VectorSpec {
  const spec = specOf(collection);
  if (spec?.name !== name) throw invalid(`Wrong input: Not existing vector name error: ${name}`);
  return spec;
}

export const searchPoints: Handler = (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(SearchPointsSchema, bytes);
  return search(store, request, request.collectionName).finish(startedAtMs);
};

/** The searches one after the other; other calls have their turn between them. */
export const searchBatch: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(SearchBatchPointsSchema, bytes);
  checkRead(request);
  const writer = new BinaryWriter();
  let size = 0;
  for (const one of request.searchPoints) {
    const result = search(store, one, request.collectionName).results();
    size += result.length;
    if (size > store.limits.maxReplyBytes) throw replyTooLarge(store.limits.maxReplyBytes);
    writer.tag(1, WireType.LengthDelimited).bytes(result);
    await nextTurn();
  }
  return writer.tag(2, WireType.Bit64).double(secondsSince(startedAtMs)).finish();
};

function search(store: Store, request: SearchPoints, collectionName: string): PointsReply {
  checkRead(request);
  const limit = countOf('limit', request.limit, DEFAULT_LIMIT, 1);
  const offset = countOf('offset', request.offset, 0, 0);
  if (request.sparseIndices) throw unsupported('sparse vectors');
  const selection = selectionOf(request);
  const collection = store.catalog.get(collectionName);
  namedSpec(collection, request.vectorName ?? '');
  const { filter, scoreThreshold } = request;
  const vector = Float32Array.from(request.vector);
  return rank(store, collection, { vector, filter, limit, offset, scoreThreshold }, selection);
}

/** The nearest points to a vector or to a point, or points by id; the rest of the Query API is UNIMPLEMENTED. */
export const queryPoints: Handler = (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(QueryPointsSchema, bytes);
  checkRead(request);
  const limit = countOf('limit', request.limit, DEFAULT_LIMIT, 1);
  const offset = countOf('offset', request.offset, 0, 0);
  if (request.prefetch.length > 0) throw unsupported('prefetch in Query');
  if (request.lookupFrom) throw unsupported('lookup_from in Query');
  const selection = selectionOf(request);
  const collection = store.catalog.get(request.collectionName);
  const { filter, scoreThreshold } = request;
  if (!request.query) {
    if (scoreThreshold !== undefined) throw invalid('Wrong input: score_threshold needs a query');
    return byId(store, collection, { filter, limit, offset }, selection);
  }
  const input = nearestInput(request.query);
  namedSpec(collection, request.using ?? '');
  const target = targetOf(store, collection, input);
  const wanted = { ...target, filter, limit, offset, scoreThreshold };
  return rank(store, collection, wanted, selection).finish(startedAtMs);
};

function nearestInput({ variant }: Query): VectorInput {
  if (variant.case === 'nearest') return variant.value;
  if (variant.case === undefined) throw invalid('Query variant is missing');
  throw unsupported(`${variant.case} in Query`);
}

/** What a Query without a query gives: points by id, each with score 1. */
function byId(
  store: Store,
  collection: Collection,
  { filter, limit, offset }: Pick<Ranking, 'filter' | 'limit' | 'offset'>,
  selection: Selection,
): Uint8Array {
  const startedAtMs = performance.now();
  const test = testOf(filter, collection);
  const reply = new PointsReply(1, selection, store.limits.maxReplyBytes);
  let found = 0;
  for (const point of store.points.from(collection)) {
    if (test && !test(point)) continue;
    if (found === offset + limit) break;
    if (found >= offset) reply.add({ point, score: 1 });
    found += 1;
  }
  return reply.finish(startedAtMs);
}

function targetOf(store: Store, collection: Collection, { variant }: VectorInput) {
  switch (variant.case) {
    case 'dense':
      return { vector: Float32Array.from(variant.value.data) };
    case 'id':
      return vectorOfPoint(store, collection, variant.value);
    case undefined:
      throw invalid('Expected some vector input');
    default:
      throw unsupported(`${variant.case} vectors in Query`);
  }
}

function vectorOfPoint(store: Store, collection: Collection, id: PointId) {
  const except = idKey(id);
  const bytes = store.points.known(collection, except).vector();
  if (!bytes) throw notFound(`Not found: No point with id ${idText(except)} found`);
  return { vector: floatsOf(bytes), except };
}
