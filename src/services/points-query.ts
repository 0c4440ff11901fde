import {
  FacetCountsSchema,
  type PrefetchQuery,
  type Query,
  QueryPointGroupsSchema,
  QueryPointsSchema,
} from '@qdrant/js-client-grpc';
import { fieldError } from '../errors/index.js';
import { mapMessages, payloadsToStruct } from '../wire/index.js';
import { nativeRead } from './native-read.js';
import { readPayloadSelector } from './payload-selector.js';

/** QueryPoints: by any query; without one, by id. */
export const queryPoints = nativeRead({
  method: 'Points/Query',
  schema: QueryPointsSchema,
  request: 'QueryPointsRequest',
  kept: [1],
  prepare: (message, request) => {
    prepareQuery(message);
    return readPayloadSelector(message, request, [11]) ? (reply) => payloadsToStruct(reply, 1) : undefined;
  },
});

/** QueryPointGroups: the best points of each value of a payload field. */
export const queryPointGroups = nativeRead({
  method: 'Points/QueryGroups',
  schema: QueryPointGroupsSchema,
  request: 'QueryPointGroupsRequest',
  kept: [1],
  prepare: (message, request) => {
    prepareQuery(message);
    message.groupSize ||= 3n;
    const { withLookup } = message;
    const hits = readPayloadSelector(message, request, [8]);
    const lookups =
      withLookup !== undefined &&
      readPayloadSelector(withLookup, request, [15, 2], 'with_lookup.with_payload');
    if (!hits && !lookups) return undefined;
    return (reply) => mapMessages(reply, 1, (result) => mapMessages(result, 1, groupToStruct(hits, lookups)));
  },
});

function groupToStruct(hits: boolean, lookups: boolean): (group: Buffer) => Buffer {
  return (group) => {
    const shown = hits ? payloadsToStruct(group, 2) : group;
    return lookups ? payloadsToStruct(shown, 3) : shown;
  };
}

/** FacetPoints: how often each value of a payload field occurs. */
export const facetPoints = nativeRead({
  method: 'Points/Facet',
  schema: FacetCountsSchema,
  request: 'FacetPointsRequest',
  kept: [1],
  prepare: (message) => {
    message.limit ||= 10n;
    return undefined;
  },
});

interface AnyQuery {
  limit?: bigint;
  prefetch: PrefetchQuery[];
  query?: Query;
  scoreThreshold?: number;
}

function prepareQuery(message: AnyQuery): void {
  prepareLevel(message, '');
  if (message.query === undefined && message.scoreThreshold !== undefined) {
    throw fieldError('FIELD_INVALID', 'score_threshold', 'needs a query: points by id have no score');
  }
}

/** Sets limits, and checks that there are prefetches and a query that needs them, or neither. */
function prepareLevel(level: AnyQuery, path: string): void {
  level.limit ||= 10n;
  const kind = level.query?.variant.case;
  if (level.prefetch.length > 0 && level.query === undefined) {
    throw fieldError('FIELD_INVALID', `${path}query`, 'is missing: it says what becomes of the prefetches');
  }
  if (level.prefetch.length === 0 && (kind === 'fusion' || kind === 'rrf')) {
    throw fieldError('FIELD_INVALID', `${path}prefetch`, 'is missing: there is nothing to put together');
  }
  level.prefetch.forEach((inner, index) => {
    prepareLevel(inner, `${path}prefetch[${index}].`);
  });
}
