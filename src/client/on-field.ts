import type { Condition, FieldCondition } from '../gen/vectorgateway/v1/filter.js';

/** A condition on the value at a key. */
export function onField(condition: FieldCondition): Condition {
  return { conditionOneOf: { $case: 'field', value: condition } };
}
