import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AliasOperationsSchema,
  ChangeAliasesSchema,
  ListAliasesResponseSchema,
} from '@qdrant/js-client-grpc';
import { decode } from './requests.js';
import type { AliasAction, PhysicalAlias } from './types.js';

export function encodeAliasActions(actions: readonly AliasAction[]): Buffer {
  const message = create(ChangeAliasesSchema, { actions: actions.map(operationOf) });
  return Buffer.from(toBinary(ChangeAliasesSchema, message));
}

export function readAliases(reply: Buffer): readonly PhysicalAlias[] {
  return decode(() =>
    fromBinary(ListAliasesResponseSchema, reply).aliases.map(({ aliasName, collectionName }) => ({
      alias: aliasName,
      collection: collectionName,
    })),
  );
}

function operationOf(action: AliasAction): MessageInitShape<typeof AliasOperationsSchema> {
  switch (action.kind) {
    case 'create': {
      const value = { aliasName: action.alias.forBackend, collectionName: action.collection.forBackend };
      return { action: { case: 'createAlias', value } };
    }
    case 'rename': {
      const value = { oldAliasName: action.from.forBackend, newAliasName: action.to.forBackend };
      return { action: { case: 'renameAlias', value } };
    }
    case 'delete':
      return { action: { case: 'deleteAlias', value: { aliasName: action.alias.forBackend } } };
  }
}
