import type { Match } from '@qdrant/js-client-grpc';
import type { Json } from '../model/json.js';
import { invalid } from '../store-status.js';
import type { ValueTest } from './point.js';

/**
 * Types are compared too: integer 3 is neither "3" nor 3.0. Texts are sought as they stand, case and all,
 * which is what Qdrant does without a full-text index.
 */
export function matchTest({ matchValue: match }: Match): ValueTest {
  switch (match.case) {
    case 'keyword':
    case 'integer':
    case 'boolean': {
      const wanted = match.value;
      return (value) => value === wanted;
    }
    case 'keywords':
      return oneOf(new Set(match.value.strings));
    case 'integers':
      return oneOf(new Set(match.value.integers));
    case 'exceptKeywords':
      return noneOf(new Set(match.value.strings));
    case 'exceptIntegers':
      return noneOf(new Set(match.value.integers));
    case 'text':
    case 'phrase':
      return contains([match.value]);
    case 'textAny':
      return contains(match.value.split(/\s+/u).filter((token) => token !== ''));
    case undefined:
      throw invalid('Malformed Match condition');
  }
}

const oneOf =
  (wanted: ReadonlySet<Json>): ValueTest =>
  (value) =>
    wanted.has(value);

/** Holds for a value of any other type, but not for null: nothing is not "something else". */
const noneOf =
  (unwanted: ReadonlySet<Json>): ValueTest =>
  (value) =>
    value !== null && !unwanted.has(value);

const contains =
  (texts: readonly string[]): ValueTest =>
  (value) =>
    typeof value === 'string' && texts.some((text) => value.includes(text));
