import type { Match, PayloadSchemaInfo } from '@qdrant/js-client-grpc';
import type { Json } from '../model/json.js';
import { invalid } from '../store-status.js';
import { onIndexedNumbers, tokensOf } from './indexes.js';
import type { ValueTest } from './point.js';
import type { TextTokens } from './text-index.js';

/**
 * Types are compared too: integer 3 is neither "3" nor 3.0. Texts are sought as they stand, case and all,
 * unless there is a full-text index, which compares tokens.
 */
export function matchTest({ matchValue: match }: Match, index: PayloadSchemaInfo | undefined): ValueTest {
  switch (match.case) {
    case 'keyword':
    case 'boolean': {
      const wanted = match.value;
      return (value) => value === wanted;
    }
    case 'integer':
      return onIndexedNumbers(index, oneOf(new Set([match.value])));
    case 'keywords':
      return oneOf(new Set(match.value.strings));
    case 'integers':
      return onIndexedNumbers(index, oneOf(new Set(match.value.integers)));
    case 'exceptKeywords':
      return noneOf(new Set(match.value.strings));
    case 'exceptIntegers':
      return onIndexedNumbers(index, noneOf(new Set(match.value.integers)));
    case 'text':
    case 'phrase':
    case 'textAny':
      return textTest(match.case, match.value, tokensOf(index));
    case undefined:
      throw invalid('Malformed Match condition');
  }
}

type TextMatch = 'text' | 'phrase' | 'textAny';

/** Each word is sought in every text: more of them would make one call slow for all. */
const MAX_WORDS = 1024;

function limited(words: readonly string[]): readonly string[] {
  if (words.length > MAX_WORDS) throw invalid(`filter: a text match has more than ${MAX_WORDS} words`);
  return words;
}

function textTest(kind: TextMatch, wanted: string, tokens: TextTokens | undefined): ValueTest {
  if (!tokens) {
    const parts = kind === 'textAny' ? limited(wanted.split(/\s+/u).filter((word) => word !== '')) : [wanted];
    return onText((text) => parts.some((part) => text.includes(part)));
  }
  const asked = limited(tokens.asked(wanted));
  if (asked.length === 0 || (kind === 'phrase' && !tokens.phrases)) return () => false;
  return onText((text) => {
    const stored = tokens.stored(text);
    const isHeld = (token: string) => stored.some((word) => tokens.answers(word, token));
    if (kind === 'text') return asked.every(isHeld);
    if (kind === 'textAny') return asked.some(isHeld);
    return stored.some((_, start) =>
      asked.every((token, at) => tokens.answers(stored[start + at] ?? '', token)),
    );
  });
}

const onText =
  (test: (text: string) => boolean): ValueTest =>
  (value) =>
    typeof value === 'string' && test(value);

const oneOf =
  (wanted: ReadonlySet<Json>): ValueTest =>
  (value) =>
    wanted.has(value);

/** Holds for a value of any other type, but not for null: nothing is not "something else". */
const noneOf =
  (unwanted: ReadonlySet<Json>): ValueTest =>
  (value) =>
    value !== null && !unwanted.has(value);
