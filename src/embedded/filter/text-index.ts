import { type TextIndexParams, TokenizerType } from '@qdrant/js-client-grpc';
import { unsupported } from '../store-status.js';

/** How the texts of a field and of a question become tokens, once a full-text index is on the field. */
export interface TextTokens {
  stored(text: string): readonly string[];
  asked(text: string): readonly string[];
  /** Whether a stored token answers an asked one: it is the same, or begins with it. */
  answers(stored: string, asked: string): boolean;
  /** Without it Qdrant answers no phrase at all. */
  readonly phrases: boolean;
}

/** Throws UNIMPLEMENTED for the multilingual tokenizer, stemming and the stopword lists of languages. */
export function textTokens(params: TextIndexParams): TextTokens {
  if (params.tokenizer === TokenizerType.Multilingual) throw unsupported('the multilingual tokenizer');
  if (params.stemmer?.stemmingParams.case !== undefined) throw unsupported('stemming in a text index');
  if ((params.stopwords?.languages ?? []).length > 0) throw unsupported('stopwords of a language');
  const prepare = preparation(params);
  const splitter = params.tokenizer === TokenizerType.Whitespace ? /\s+/u : /[^\p{Alphabetic}\p{N}]+/u;
  const stopwords = new Set((params.stopwords?.custom ?? []).map(prepare));
  const min = Number(params.minTokenLen ?? 1n);
  const max = Number(params.maxTokenLen ?? Infinity);
  const words = (text: string) =>
    prepare(text)
      .split(splitter)
      .filter((word) => word !== '' && !stopwords.has(word))
      .map((word) => [...word])
      .filter(({ length }) => length >= min);
  const phrases = params.phraseMatching === true;
  if (params.tokenizer === TokenizerType.Prefix) {
    // The prefixes themselves are never made: a long word has too many.
    const asked = (text: string) => words(text).map((letters) => letters.slice(0, max).join(''));
    const stored = (text: string) => words(text).map((letters) => letters.join(''));
    return { stored, asked, answers: (word, prefix) => word.startsWith(prefix), phrases };
  }
  const whole = (text: string) =>
    words(text)
      .filter(({ length }) => length <= max)
      .map((letters) => letters.join(''));
  return { stored: whole, asked: whole, answers: (word, token) => word === token, phrases };
}

/** Lower case unless told otherwise. */
function preparation({ lowercase, asciiFolding }: TextIndexParams): (text: string) => string {
  const fold = asciiFolding === true ? foldToAscii : (text: string) => text;
  return (text) => fold(lowercase === false ? text : text.toLowerCase());
}

/** Letters of Latin scripts that have no mark to take off. */
const PLAIN = new Map(
  [...'ßæœøđłþ'].map((letter, index) => [letter, ['ss', 'ae', 'oe', 'o', 'd', 'l', 'th'][index]]),
);

function foldToAscii(text: string): string {
  const marked = /(\p{Script=Latin})\p{M}+/gu;
  return text
    .normalize('NFD')
    .replace(marked, '$1')
    .normalize('NFC')
    .replace(/[ßæœøđłþ]/g, (letter) => PLAIN.get(letter) ?? letter);
}
