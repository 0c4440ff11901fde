import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { type Need, needsOf } from './needs.js';
import { listRules, numberRules, type Range } from './number-rules.js';
import { refusedFields, refusedMessages, type TextRule, textRules } from './text-rules.js';

/** What has to be done with a field that is set. */
export type FieldRule =
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'text'; readonly rule: TextRule }
  | { readonly kind: 'number'; readonly range: Range }
  | { readonly kind: 'floats'; readonly isDense: boolean }
  | { readonly kind: 'filter' | 'write filter' | 'condition' | 'id' | 'data' }
  | { readonly kind: 'message'; readonly desc: DescMessage };

export interface FieldStep {
  readonly field: DescField;
  readonly rule: FieldRule;
  readonly maxElements: number;
}

export interface MessagePlan {
  readonly needs: readonly Need[];
  readonly steps: readonly FieldStep[];
  /** The field that names the vector which the message is about. */
  readonly using: DescField | undefined;
  /** Whether it holds a vector, or a point's, that is compared with those of the collection. */
  readonly compares: boolean;
  readonly isSparse: boolean;
}

const plans = new WeakMap<DescMessage, MessagePlan>();

/** The fields of a message that need a look; made once for each type. */
export function planOf(desc: DescMessage): MessagePlan {
  let plan = plans.get(desc);
  if (plan === undefined) {
    const steps: FieldStep[] = [];
    for (const field of desc.fields) {
      const rule = ruleOf(field);
      const maxElements = listRules[keyOf(field)] ?? Number.POSITIVE_INFINITY;
      if (rule !== undefined) steps.push({ field, rule, maxElements });
    }
    const name = shortName(desc);
    plan = {
      needs: needsOf(desc, name),
      steps,
      using: usingOf(desc),
      compares: comparing.has(name),
      isSparse: name === 'SparseVector',
    };
    plans.set(desc, plan);
  }
  return plan;
}

/** "Message.field", without the package. */
export function keyOf(field: DescField): string {
  return `${shortName(field.parent)}.${field.name}`;
}

/** What must be done with a field; undefined: any value of it will do. */
export function ruleOf(field: DescField): FieldRule | undefined {
  const key = keyOf(field);
  const refused = refusedFields[key];
  if (refused !== undefined) return { kind: 'refused', why: refused };
  if (field.message !== undefined) return messageRule(field.message, key);
  if (field.enum !== undefined) return undefined;
  const { scalar } = field;
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return textRule(key);
  const isFloat = scalar === ScalarType.FLOAT || scalar === ScalarType.DOUBLE;
  if (field.fieldKind === 'list')
    return isFloat ? { kind: 'floats', isDense: denseLists.has(key) } : undefined;
  const range = numberRules[key] ?? (isFloat ? {} : undefined);
  return range && { kind: 'number', range };
}

function messageRule(message: DescMessage, key: string): FieldRule | undefined {
  const name = shortName(message);
  const refused = refusedMessages[name];
  if (refused !== undefined) return { kind: 'refused', why: refused };
  switch (name) {
    case 'Filter':
      return { kind: key === 'PointsSelector.filter' ? 'write filter' : 'filter' };
    case 'Condition':
      return { kind: 'condition' };
    case 'PointId':
      return { kind: 'id' };
    case 'Value':
      return { kind: 'data' };
    default:
      // A time can be any.
      return message.typeName === 'google.protobuf.Timestamp'
        ? undefined
        : { kind: 'message', desc: message };
  }
}

function textRule(key: string): FieldRule {
  const rule = textRules[key];
  return rule === undefined
    ? { kind: 'refused', why: 'is not known to this gateway' }
    : { kind: 'text', rule };
}

/** Packed floats that are a dense vector, whose length the collection knows. */
const denseLists: ReadonlySet<string> = new Set([
  'SearchPoints.vector',
  'SearchPointGroups.vector',
  'Vector.data',
  'DenseVector.data',
]);

const comparing: ReadonlySet<string> = new Set(['VectorInput', 'SearchPoints', 'SearchPointGroups']);

function usingOf(desc: DescMessage): MessagePlan['using'] {
  // Of a place to look up ids, it is the vector there.
  if (desc.typeName === 'qdrant.LookupLocation') return undefined;
  return desc.fields.find(({ name }) => name === 'using' || name === 'vector_name');
}

function shortName(desc: DescMessage): string {
  return desc.typeName.replace(/^qdrant\./, '');
}
