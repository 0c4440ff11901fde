import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type PayloadSchemaInfo, PayloadSchemaInfoSchema } from '@qdrant/js-client-grpc';
import { indexedTest } from '../filter/index.js';
import type { JsonObject } from '../model/json.js';
import type { Collection } from './catalog.js';

/** A payload index. It is a declaration: filters read it to answer as Qdrant does, searches do not go by it. */
export interface PayloadIndex {
  readonly info: PayloadSchemaInfo;
  /** Whether the index would hold something of this payload. */
  readonly holds: (payload: JsonObject) => boolean;
}

const parsed = new WeakMap<Collection, ReadonlyMap<string, PayloadIndex>>();

/** The payload indexes of a collection by path. */
export function indexesOf(collection: Collection): ReadonlyMap<string, PayloadIndex> {
  let indexes = parsed.get(collection);
  if (!indexes) {
    indexes = new Map(
      Object.entries(collection.indexes).map(([path, text]) => {
        const info = fromBinary(PayloadSchemaInfoSchema, Buffer.from(text, 'base64'));
        return [path, { info, holds: indexedTest(path, info.dataType) }];
      }),
    );
    parsed.set(collection, indexes);
  }
  return indexes;
}

export const encodeIndex = (info: PayloadSchemaInfo): string =>
  Buffer.from(toBinary(PayloadSchemaInfoSchema, info)).toString('base64');
