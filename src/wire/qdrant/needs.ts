import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Reason } from '../../errors/index.js';

/** What a message must have to say anything. */
export interface Need {
  /** One of these fields, or of this choice, by their names in the decoded message. */
  readonly anyOf: readonly string[];
  /** The field that is missed; undefined where the message itself is empty. */
  readonly field: DescField | undefined;
  readonly why: string;
  readonly reason: Reason;
}

const vectorInput = 'give `dense`, `sparse` or `multi_dense` (a vector) or `id` (a stored point)';

/**
 * Choices and fields of queries that Qdrant misses too, mostly, by "Message.field" of the package qdrant; its answer
 * does not say where.
 */
const reasons: Readonly<Record<string, string>> = {
  'Query.variant': 'set one kind of query, or leave the query out',
  'VectorInput.variant': vectorInput,
  'RecommendInput.positive|negative': 'give at least one example',
  'DiscoverInput.target': vectorInput,
  'DiscoverInput.context': 'is missing',
  'ContextInputPair.positive': vectorInput,
  'ContextInputPair.negative': vectorInput,
  'NearestInputWithMmr.nearest': vectorInput,
  'NearestInputWithMmr.mmr': 'is missing',
  'RelevanceFeedbackInput.target': vectorInput,
  'RelevanceFeedbackInput.strategy': 'is missing',
  'FeedbackStrategy.variant': 'set one kind of strategy',
  'FeedbackItem.example': vectorInput,
  'OrderBy.key': 'is missing',
  'StartFrom.value': 'set one kind of value',
  'Formula.expression': 'is missing',
  'Expression.variant': 'set one kind of expression',
  'GeoDistance.origin': 'is missing',
  'GeoDistance.to': 'is missing',
  'DivExpression.left': 'is missing',
  'DivExpression.right': 'is missing',
  'PowExpression.base': 'is missing',
  'PowExpression.exponent': 'is missing',
  'DecayParamsExpression.x': 'is missing',
  'LookupLocation.collection_name': 'is missing',
  'WithLookup.collection': 'is missing',
  'QueryPointGroups.group_by': 'is missing',
  'FacetCounts.key': 'is missing',
  'ReadConsistency.value': 'set `type` or `factor`',
  'DenseVector.data': 'is missing',
};

const otherReasons: Readonly<Record<string, Reason>> = { 'DenseVector.data': 'VECTOR_MISSING' };

/** What a message of this type, named without its package, must have. */
export function needsOf(desc: DescMessage, messageName: string): readonly Need[] {
  return Object.entries(reasons).flatMap(([key, why]) => {
    const [message, names = ''] = key.split('.');
    if (message !== messageName) return [];
    const wanted = names.split('|');
    const fields = desc.fields.filter(({ name }) => wanted.includes(name));
    const anyOf = [
      ...fields.map(({ localName }) => localName),
      ...desc.oneofs.filter(({ name }) => wanted.includes(name)).map(({ localName }) => localName),
    ];
    const field = fields.length === 1 ? fields[0] : undefined;
    return [{ anyOf, field, why, reason: otherReasons[key] ?? 'FIELD_INVALID' }];
  });
}

/** Whether the decoded message has it. */
export function isMet({ anyOf }: Need, fields: Readonly<Record<string, unknown>>): boolean {
  return anyOf.some((name) => {
    const value = fields[name];
    if (value === undefined || value === '') return false;
    if (Array.isArray(value)) return value.length > 0;
    return !isEmptyChoice(value);
  });
}

function isEmptyChoice(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'case' in value && value.case === undefined;
}
