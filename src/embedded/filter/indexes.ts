import { create } from '@bufbuild/protobuf';
import {
  type PayloadSchemaInfo,
  PayloadSchemaType,
  TextIndexParamsSchema,
  TokenizerType,
} from '@qdrant/js-client-grpc';
import type { ValueTest } from './point.js';
import { type TextTokens, textTokens } from './text-index.js';

/** The payload index on a path, written as in the filter; undefined where there is none. */
export type IndexLookup = (path: string) => PayloadSchemaInfo | undefined;

export const noIndexes: IndexLookup = () => undefined;

/** Inside the elements of the list at `path`, keys are relative to it. */
export const elementsOf =
  (indexes: IndexLookup, path: string): IndexLookup =>
  (key) =>
    indexes(`${path.endsWith('[]') ? path : `${path}[]`}.${key}`);

/** An integer index holds whole numbers only, and 3.0 as 3: a test of numbers sees what the index holds. */
export function onIndexedNumbers(index: PayloadSchemaInfo | undefined, test: ValueTest): ValueTest {
  if (index?.dataType !== PayloadSchemaType.Integer) return test;
  return (value) => {
    if (typeof value === 'bigint') return test(value);
    return typeof value === 'number' && Number.isSafeInteger(value) && test(BigInt(value));
  };
}

/** Undefined without a full-text index. */
export function tokensOf(index: PayloadSchemaInfo | undefined): TextTokens | undefined {
  const params = index?.params?.indexParams;
  if (params?.case === 'textIndexParams') return textTokens(params.value);
  return index?.dataType === PayloadSchemaType.Text ? textTokens(byDefault) : undefined;
}

const byDefault = create(TextIndexParamsSchema, { tokenizer: TokenizerType.Word });
