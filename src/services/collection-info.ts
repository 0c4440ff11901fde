import { fromBinary } from '@bufbuild/protobuf';
import {
  CollectionConfigSchema,
  type CollectionInfo,
  CollectionInfoSchema,
  GetCollectionInfoResponseSchema,
} from '@qdrant/js-client-grpc';
import { withoutField } from '../wire/index.js';

/**
 * Qdrant's description of a collection, without the metadata: each call may add to that, and once it has grown to
 * megabytes, decoding it would hold up the calls of all tenants.
 */
export function readCollectionInfo(reply: Uint8Array): CollectionInfo | undefined {
  return fromBinary(GetCollectionInfoResponseSchema, withoutField(reply, metadataPath)).result;
}

const metadataPath = [
  GetCollectionInfoResponseSchema.field.result.number,
  CollectionInfoSchema.field.config.number,
  CollectionConfigSchema.field.metadata.number,
] as const;
