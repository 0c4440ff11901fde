import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import {
  FilterSchema,
  type PayloadSchemaInfo,
  PayloadSchemaInfoSchema,
  PayloadSchemaType,
  type TextIndexParamsSchema,
  TokenizerType,
} from '@qdrant/js-client-grpc';
import { compileFilter } from '../../../src/embedded/filter/index.js';
import { type ConditionInit, type FilterInit, field, type Plain, pointWith } from './filter-points.js';

type TextParams = MessageInitShape<typeof TextIndexParamsSchema>;

const textIndex = (params: TextParams) =>
  create(PayloadSchemaInfoSchema, {
    dataType: PayloadSchemaType.Text,
    params: { indexParams: { case: 'textIndexParams', value: params } },
  });
const integerIndex = create(PayloadSchemaInfoSchema, { dataType: PayloadSchemaType.Integer });

const passesWith = (
  path: string,
  index: PayloadSchemaInfo,
  filter: FilterInit,
  payload: Record<string, Plain>,
) =>
  compileFilter(create(FilterSchema, filter), (key) => (key === path ? index : undefined))(
    pointWith(payload),
  );

const asks = (key: string, kind: 'text' | 'textAny' | 'phrase', value: string): ConditionInit =>
  field({ key, match: { matchValue: { case: kind, value } } });

describe('a full-text index', () => {
  const found = (params: TextParams, kind: 'text' | 'textAny' | 'phrase', question: string, text: string) =>
    passesWith('t', textIndex(params), { must: [asks('t', kind, question)] }, { t: text });
  const word = { tokenizer: TokenizerType.Word };

  test('compares tokens in lower case, in any order', () => {
    expect(found(word, 'text', 'FOX quick', 'The quick-brown fox')).toBe(true);
    expect(found(word, 'text', 'qui', 'The quick-brown fox')).toBe(false);
    expect(found(word, 'textAny', 'cat fox', 'The quick-brown fox')).toBe(true);
    expect(found({ ...word, lowercase: false }, 'text', 'the', 'The quick fox')).toBe(false);
  });

  test('takes a question without tokens for one that nothing answers', () => {
    expect(found(word, 'text', ' - ', 'The quick fox')).toBe(false);
  });

  test('finds a phrase only where it was made for phrases', () => {
    const phrases = { ...word, phraseMatching: true };
    expect(found(phrases, 'phrase', 'quick brown', 'The quick-brown fox')).toBe(true);
    expect(found(phrases, 'phrase', 'brown quick', 'The quick-brown fox')).toBe(false);
    expect(found(word, 'phrase', 'quick brown', 'The quick-brown fox')).toBe(false);
  });

  test('of prefixes answers the beginning of a word, up to its longest token', () => {
    const prefix = { tokenizer: TokenizerType.Prefix, minTokenLen: 2n, maxTokenLen: 4n };
    expect(found(prefix, 'text', 'qu', 'quickly')).toBe(true);
    expect(found(prefix, 'text', 'quicksand', 'quickly')).toBe(true);
    expect(found(prefix, 'text', 'q', 'quickly')).toBe(false);
  });

  test('of a kind that the store has not is refused, not answered otherwise', () => {
    const refused = [
      { tokenizer: TokenizerType.Multilingual },
      { ...word, stopwords: { languages: ['english'] } },
    ];
    for (const params of refused) {
      expect(() => found(params, 'text', 'a', 'a')).toThrow(
        expect.objectContaining({ code: status.UNIMPLEMENTED }),
      );
    }
  });

  test('counts inside nested elements too', () => {
    const inside = create(FilterSchema, { must: [asks('t', 'text', 'FOX')] });
    const filter = {
      must: [{ conditionOneOf: { case: 'nested' as const, value: { key: 'items', filter: inside } } }],
    };
    expect(passesWith('items[].t', textIndex(word), filter, { items: [{ t: 'a fox' }] })).toBe(true);
  });

  test('is not asked for more than 1,024 words at once', () => {
    expect(() => found(word, 'textAny', 'word '.repeat(1025), 'word')).toThrow(
      expect.objectContaining({ code: status.INVALID_ARGUMENT }),
    );
  });
});

test('an integer index takes 3.0 for 3, and holds no 3.5', () => {
  const is3 = field({ key: 'a', match: { matchValue: { case: 'integer', value: 3n } } });
  const above3 = field({ key: 'a', range: { gt: 3 } });
  expect(passesWith('a', integerIndex, { must: [is3] }, { a: 3 })).toBe(true);
  expect(passesWith('a', integerIndex, { must: [above3] }, { a: 3.5 })).toBe(false);
});
