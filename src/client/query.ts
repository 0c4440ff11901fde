import { Direction, Fusion, RecommendStrategy, Sample } from '../gen/vectorgateway/v1/enums.js';
import type {
  LookupLocation,
  PrefetchQuery,
  Query,
  VectorInput as WireInput,
} from '../gen/vectorgateway/v1/queries.js';
import { toWireFilter } from './filter.js';
import { numberOf } from './named-numbers.js';
import { type PointIdInput, toWireId } from './point-id.js';
import { type NearestOptions, searchParams } from './requests.js';
import type { VectorInput } from './vector.js';
import { whole } from './whole.js';

/** A vector to compare with: dense, sparse, several, or that of a stored point, which is left out of the results. */
export type QueryVector =
  | VectorInput
  | { readonly id: PointIdInput }
  | { readonly indices: readonly number[]; readonly values: readonly number[] }
  | { readonly vectors: readonly VectorInput[] };

export interface ContextPair {
  readonly positive: QueryVector;
  readonly negative: QueryVector;
}

/** What is looked for. Formulas and relevance feedback need stubs of the API. */
export type QueryInput =
  | {
      readonly nearest: QueryVector;
      readonly mmr?: { readonly diversity?: number; readonly candidates?: number };
    }
  | {
      readonly recommend: {
        readonly positive?: readonly QueryVector[];
        readonly negative?: readonly QueryVector[];
        readonly strategy?: keyof typeof strategies;
      };
    }
  | { readonly discover: { readonly target: QueryVector; readonly context: readonly ContextPair[] } }
  | { readonly context: readonly ContextPair[] }
  | {
      readonly orderBy: string;
      readonly direction?: keyof typeof directions;
      readonly startFrom?: number | Date;
    }
  | { readonly fusion: keyof typeof fusions }
  | { readonly rrf: { readonly k?: number; readonly weights?: readonly number[] } }
  | { readonly sample: 'random' };

/** A query whose results the query behind it looks at. */
export interface Prefetch extends QueryScope, Pick<NearestOptions, PrefetchFields> {
  readonly query?: QueryInput;
}
type PrefetchFields =
  | ('filter' | 'limit' | 'scoreThreshold')
  | ('exact' | 'hnswEf' | 'indexedOnly' | 'quantization');

interface QueryScope {
  readonly prefetch?: readonly Prefetch[];
  /** In a collection with named vectors: the one that is meant. */
  readonly using?: string;
  /** Another collection, whose points the ids of the query are of. */
  readonly lookupFrom?: { readonly collection: string; readonly vectorName?: string };
}

export interface QueryOptions extends NearestOptions, QueryScope {}

const strategies = {
  average: RecommendStrategy.RECOMMEND_STRATEGY_AVERAGE_VECTOR,
  best: RecommendStrategy.RECOMMEND_STRATEGY_BEST_SCORE,
  sum: RecommendStrategy.RECOMMEND_STRATEGY_SUM_SCORES,
} as const;
const directions = { asc: Direction.DIRECTION_ASC, desc: Direction.DIRECTION_DESC } as const;
const fusions = { rrf: Fusion.FUSION_RRF, dbsf: Fusion.FUSION_DBSF } as const;

/** Throws TypeError for a query that is none. */
export function toWireQuery(query: QueryInput): Query {
  return { variant: variantOf(query) };
}

function variantOf(query: QueryInput): Query['variant'] {
  if ('nearest' in query) return nearestOf(query);
  if ('recommend' in query) {
    const { positive = [], negative = [], strategy } = query.recommend;
    const value = {
      positive: positive.map(toWireInput),
      negative: negative.map(toWireInput),
      strategy: strategy && numberOf(strategies, strategy, 'strategy'),
    };
    return { $case: 'recommend', value };
  }
  if ('discover' in query) {
    const { target, context } = query.discover;
    return {
      $case: 'discover',
      value: { target: toWireInput(target), context: { pairs: context.map(toPair) } },
    };
  }
  if ('context' in query) return { $case: 'context', value: { pairs: query.context.map(toPair) } };
  if ('orderBy' in query) return orderOf(query);
  if ('fusion' in query) return { $case: 'fusion', value: numberOf(fusions, query.fusion, 'fusion') };
  if ('rrf' in query)
    return { $case: 'rrf', value: { k: query.rrf.k, weights: [...(query.rrf.weights ?? [])] } };
  if ('sample' in query) return { $case: 'sample', value: Sample.SAMPLE_RANDOM };
  throw new TypeError('query: is of no kind that is known');
}

function nearestOf({ nearest, mmr }: Extract<QueryInput, { nearest: unknown }>): Query['variant'] {
  const input = toWireInput(nearest);
  if (mmr === undefined) return { $case: 'nearest', value: input };
  const { diversity, candidates } = mmr;
  return {
    $case: 'nearestWithMmr',
    value: { nearest: input, mmr: { diversity, candidatesLimit: candidates } },
  };
}

function orderOf(query: Extract<QueryInput, { orderBy: unknown }>): Query['variant'] {
  const { orderBy, direction, startFrom } = query;
  const value =
    startFrom instanceof Date
      ? ({ $case: 'datetime', value: startFrom.toISOString() } as const)
      : startFrom === undefined
        ? undefined
        : ({ $case: 'float', value: startFrom } as const);
  return {
    $case: 'orderBy',
    value: {
      key: orderBy,
      direction: direction && numberOf(directions, direction, 'direction'),
      startFrom: value && { value },
    },
  };
}

const toPair = ({ positive, negative }: ContextPair) => ({
  positive: toWireInput(positive),
  negative: toWireInput(negative),
});

function toWireInput(vector: QueryVector): WireInput {
  if ('id' in vector) return { variant: { $case: 'id', value: toWireId(vector.id) } };
  if ('indices' in vector) {
    const { indices, values } = vector;
    return { variant: { $case: 'sparse', value: { indices: [...indices], values: [...values] } } };
  }
  if ('vectors' in vector) {
    const vectors = vector.vectors.map((each) => ({ data: [...each] }));
    return { variant: { $case: 'multiDense', value: { vectors } } };
  }
  return { variant: { $case: 'dense', value: { data: [...vector] } } };
}

/** The fields of a query beside those that it shares with a search. */
export function scopeFields({ prefetch = [], using, lookupFrom }: QueryScope) {
  return {
    prefetch: prefetch.map(toWirePrefetch),
    using,
    lookupFrom: lookupFrom && toWireLookup(lookupFrom),
  };
}

const toWireLookup = ({ collection, vectorName }: NonNullable<QueryScope['lookupFrom']>): LookupLocation => ({
  collection,
  vectorName,
});

function toWirePrefetch(prefetch: Prefetch): PrefetchQuery {
  const { query, filter, limit, scoreThreshold } = prefetch;
  return {
    ...scopeFields(prefetch),
    query: query && toWireQuery(query),
    filter: filter && toWireFilter(filter),
    params: searchParams(prefetch),
    scoreThreshold,
    limit: limit === undefined ? undefined : whole('limit', limit),
  };
}
