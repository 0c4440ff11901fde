import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { WireFault } from './fault.js';

/** What one pair of types needs: the official fields that we do not declare, and those that have such fields inside. */
interface PairPlan {
  readonly undeclared: readonly DescField[];
  readonly inside: readonly { readonly field: DescField; readonly declared: DescMessage }[];
}

const plans = new Map<string, PairPlan>();

/**
 * Refuses every set field of a decoded request that the public message does not declare: what nobody checks must not
 * reach the backend. Throws WireFault(FIELD_UNSUPPORTED) with its path.
 */
export function checkDeclared(desc: DescMessage, declared: DescMessage, message: Message): void {
  const plan = planOf(desc, declared);
  if (plan.undeclared.length > 0 || plan.inside.length > 0) checkMessage(plan, reflect(desc, message));
}

function checkMessage(plan: PairPlan, message: ReflectMessage): void {
  for (const field of plan.undeclared) {
    if (message.isSet(field))
      throw new WireFault('FIELD_UNSUPPORTED', field.name, 'is not supported by this gateway');
  }
  for (const { field, declared } of plan.inside) {
    if (message.isSet(field)) checkField(field, declared, message);
  }
}

function checkField(field: DescField, declared: DescMessage, message: ReflectMessage): void {
  const { message: child } = field;
  if (child === undefined) return;
  const plan = planOf(child, declared);
  if (field.fieldKind === 'message') named(field.name, () => checkMessage(plan, message.get(field)));
  if (field.fieldKind === 'list') {
    let index = 0;
    for (const element of message.get(field)) {
      const segment = `${field.name}[${index++}]`;
      if (isReflected(element)) named(segment, () => checkMessage(plan, element));
    }
  }
  if (field.fieldKind === 'map') {
    for (const [key, element] of message.get(field)) {
      if (isReflected(element)) named(`${field.name}.${key}`, () => checkMessage(plan, element));
    }
  }
}

function isReflected(value: unknown): value is ReflectMessage {
  return typeof value === 'object' && value !== null && 'desc' in value && 'isSet' in value;
}

function named(segment: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof WireFault ? error.within(segment) : error;
  }
}

function planOf(desc: DescMessage, declared: DescMessage): PairPlan {
  const key = pairKey(desc, declared);
  let plan = plans.get(key);
  if (plan === undefined) {
    const declaredFields = new Map(declared.fields.map((field) => [field.number, field]));
    const inside: { field: DescField; declared: DescMessage }[] = [];
    for (const field of desc.fields) {
      const other = declaredFields.get(field.number)?.message;
      if (field.message === undefined || other === undefined) continue;
      if (!covers(field.message, other, new Set())) inside.push({ field, declared: other });
    }
    plan = { undeclared: desc.fields.filter((field) => !declaredFields.has(field.number)), inside };
    plans.set(key, plan);
  }
  return plan;
}

/** Whether the public type declares every field of the official one, all the way down. */
function covers(desc: DescMessage, declared: DescMessage, visited: Set<string>): boolean {
  const key = pairKey(desc, declared);
  // Seen before: a recursive type covers itself unless another field says otherwise.
  if (visited.has(key)) return true;
  visited.add(key);
  const declaredFields = new Map(declared.fields.map((field) => [field.number, field]));
  return desc.fields.every((field) => {
    const other = declaredFields.get(field.number);
    if (other === undefined) return false;
    return (
      field.message === undefined ||
      (other.message !== undefined && covers(field.message, other.message, visited))
    );
  });
}

function pairKey(desc: DescMessage, declared: DescMessage): string {
  return `${desc.typeName} ${declared.typeName}`;
}
