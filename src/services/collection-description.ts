import { PayloadSchemaType } from '@qdrant/js-client-grpc';
import type { Collection, PayloadIndex } from '../gen/vectorgateway/v1/collections_service.js';
import type { CollectionAccess } from './collection-access.js';
import { readCollectionInfo } from './collection-info.js';

/** The collection as the API shows it, read from the backend now. Throws COLLECTION_NOT_FOUND. */
export async function describeCollection(access: CollectionAccess): Promise<Collection> {
  const reply = await access.call('Collections/Get', new Uint8Array(0));
  const info = readCollectionInfo(reply);
  const config = info?.config?.params?.vectorsConfig?.config;
  const params = config?.case === 'params' ? config.value : undefined;
  const indexes = Object.entries(info?.payloadSchema ?? {}).map(([fieldName, schema]): PayloadIndex => {
    // Qdrant's schema types begin with UnknownType at 0, its field types without it.
    const known = schema.dataType !== PayloadSchemaType.UnknownType;
    return { fieldName, fieldType: known ? schema.dataType - 1 : undefined, pointsCount: schema.points };
  });
  return {
    collection: access.collection,
    vectorSize: params?.size ?? 0n,
    distance: Number(params?.distance ?? 0),
    status: Number(info?.status ?? 0),
    pointsCount: info?.pointsCount,
    payloadIndexes: indexes.sort((a, b) => (a.fieldName < b.fieldName ? -1 : 1)),
  };
}
