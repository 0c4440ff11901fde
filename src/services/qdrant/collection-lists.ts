import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  ListAliasesRequestSchema,
  ListAliasesResponseSchema,
  ListCollectionAliasesRequestSchema,
  ListCollectionsRequestSchema,
  ListCollectionsResponseSchema,
} from '@qdrant/js-client-grpc';
import type { PhysicalAlias } from '../../backend/index.js';
import type { TenantScope } from '../../tenancy/index.js';
import { decodeQdrantRequest } from '../../wire/qdrant/index.js';
import type { UnaryUseCase } from '../deps.js';
import { ownCollections } from '../list-collections.js';
import { readRequest } from '../request.js';

/** qdrant.Collections/List: the tenant's own, by its own names. */
export const list: UnaryUseCase = async (deps, scope, request, context) => {
  decodeQdrantRequest(ListCollectionsRequestSchema, request);
  const collections = (await ownCollections(deps, scope, context)).map((name) => ({ name }));
  return toBinary(ListCollectionsResponseSchema, create(ListCollectionsResponseSchema, { collections }));
};

/** qdrant.Collections/ListAliases. */
export const listAliases: UnaryUseCase = async (deps, scope, request, context) => {
  decodeQdrantRequest(ListAliasesRequestSchema, request);
  return encodeOwn(await deps.backend.listAliases(context), scope);
};

/** qdrant.Collections/ListCollectionAliases. Throws COLLECTION_NOT_FOUND. */
export const listCollectionAliases: UnaryUseCase = async (deps, scope, request, context) => {
  const { access } = await readRequest(deps, scope, ListCollectionAliasesRequestSchema, request, context);
  const reply = await access.call('Collections/ListCollectionAliases', new Uint8Array(0));
  const { aliases } = fromBinary(ListAliasesResponseSchema, reply);
  return encodeOwn(
    aliases.map(({ aliasName, collectionName }) => ({ alias: aliasName, collection: collectionName })),
    scope,
  );
};

/** Aliases whose name and collection are both the tenant's, by its own names. */
function encodeOwn(all: readonly PhysicalAlias[], scope: TenantScope): Uint8Array {
  const aliases = all.flatMap(({ alias, collection }) => {
    const [aliasName, collectionName] = [scope.ownName(alias), scope.ownName(collection)];
    return aliasName === undefined || collectionName === undefined ? [] : [{ aliasName, collectionName }];
  });
  return toBinary(ListAliasesResponseSchema, create(ListAliasesResponseSchema, { aliases }));
}
