import type { Value } from '@qdrant/js-client-grpc';
import { fieldError } from '../../errors/index.js';
import { limits } from '../limits.js';

/** Checks a decoded payload value: depth, and that numbers are numbers. Throws PAYLOAD_INVALID with its path. */
export function checkValue(value: Value, path: string, depth = 0): void {
  const { kind } = value;
  if (kind.case === 'doubleValue' && !Number.isFinite(kind.value)) {
    throw fieldError('PAYLOAD_INVALID', path, 'is not a finite number, which JSON does not have');
  }
  if (kind.case !== 'structValue' && kind.case !== 'listValue') return;
  if (depth >= limits.payloadDepth) {
    throw fieldError('PAYLOAD_INVALID', path, `is nested deeper than ${limits.payloadDepth} levels`);
  }
  if (kind.case === 'structValue') {
    for (const [key, inside] of Object.entries(kind.value.fields)) {
      checkValue(inside, `${path}.${key}`, depth + 1);
    }
  } else {
    kind.value.values.forEach((inside, index) => {
      checkValue(inside, `${path}[${index}]`, depth + 1);
    });
  }
}
