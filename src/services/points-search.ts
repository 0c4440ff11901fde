import { toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { SearchBatchPointsSchema, type SearchPoints, SearchPointsSchema } from '@qdrant/js-client-grpc';
import { fieldError } from '../errors/index.js';
import { mapMessages, messagesIn, payloadsToStruct } from '../wire/index.js';
import { nativeRead } from './native-read.js';
import { readPayloadSelector } from './payload-selector.js';

/** SearchPoints: the points nearest to a vector. */
export const searchPoints = nativeRead({
  method: 'Points/Search',
  schema: SearchPointsSchema,
  request: 'SearchPointsRequest',
  kept: [1],
  prepare: (message, request) =>
    prepareSearch(message, request, '') ? (reply) => payloadsToStruct(reply, 1) : undefined,
  encode: encodeSearch,
});

/** SearchPointsBatch: several searches of one collection, all or none. */
export const searchPointsBatch = nativeRead({
  method: 'Points/SearchBatch',
  schema: SearchBatchPointsSchema,
  request: 'SearchPointsBatchRequest',
  kept: [1],
  prepare: ({ collectionName, searchPoints: searches }, request) => {
    if (searches.length === 0) throw fieldError('FIELD_INVALID', 'search_points', 'give at least one search');
    const asStruct = messagesIn(request, searchField).map((bytes, index) => {
      const search = searches[index];
      if (search === undefined) return false;
      search.collectionName ||= collectionName;
      return prepareSearch(search, bytes, `search_points[${index}].`);
    });
    if (!asStruct.includes(true)) return undefined;
    return (reply) =>
      mapMessages(reply, 1, (result, index) => (asStruct[index] ? payloadsToStruct(result, 1) : result));
  },
  encode: (message) => {
    const writer = new BinaryWriter();
    for (const search of message.searchPoints) {
      writer.uint32(searchField * 8 + 2).bytes(encodeSearch(search));
    }
    message.searchPoints = [];
    return Buffer.concat([writer.finish(), toBinary(SearchBatchPointsSchema, message)]);
  },
});

/** Whether payloads are wanted as plain JSON. */
function prepareSearch(message: SearchPoints, request: Buffer, path: string): boolean {
  message.limit ||= 10n;
  if (message.vector.length === 0 && message.sparseIndices === undefined) {
    throw fieldError('VECTOR_MISSING', `${path}vector`, 'is missing');
  }
  return readPayloadSelector(message, request, [6], `${path}with_payload`);
}

function encodeSearch(message: SearchPoints): Uint8Array {
  const { vector } = message;
  message.vector = [];
  return Buffer.concat([toBinary(SearchPointsSchema, message), packFloats(2, vector)]);
}

/** A packed field. protobuf-es writes floats one by one, which takes ten times as long for 1536 of them. */
function packFloats(field: number, values: readonly number[]): Uint8Array {
  const floats = new Float32Array(values.length);
  // Float32Array.from() is no faster than protobuf-es.
  for (let index = 0; index < values.length; index++) floats[index] = values[index] ?? 0;
  return new BinaryWriter()
    .uint32(field * 8 + 2)
    .bytes(new Uint8Array(floats.buffer))
    .finish();
}

const searchField = SearchBatchPointsSchema.field.searchPoints.number;
