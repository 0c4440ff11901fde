import { CountPointsSchema, GetPointsSchema, ScrollPointsSchema } from '@qdrant/js-client-grpc';
import { payloadsToStruct } from '../wire/index.js';
import { nativeRead } from './native-read.js';
import { readPayloadSelector } from './payload-selector.js';

/** GetPoints by ids. */
export const getPoints = nativeRead({
  method: 'Points/Get',
  schema: GetPointsSchema,
  request: 'GetPointsRequest',
  kept: [1],
  prepare: (message, request) =>
    readPayloadSelector(message, request, [4]) ? (reply) => payloadsToStruct(reply, 1) : undefined,
});

/** ScrollPoints: page by page, in the order of ids. */
export const scrollPoints = nativeRead({
  method: 'Points/Scroll',
  schema: ScrollPointsSchema,
  request: 'ScrollPointsRequest',
  kept: [1, 2],
  prepare: (message, request) => {
    message.limit ||= 10;
    return readPayloadSelector(message, request, [6]) ? (reply) => payloadsToStruct(reply, 2) : undefined;
  },
});

/** CountPoints: exact unless the caller asks for an estimate. */
export const countPoints = nativeRead({
  method: 'Points/Count',
  schema: CountPointsSchema,
  request: 'CountPointsRequest',
  kept: [1],
  prepare: (message) => {
    message.exact ??= true;
    return undefined;
  },
});
