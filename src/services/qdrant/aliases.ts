import { type AliasOperations, ChangeAliasesSchema } from '@qdrant/js-client-grpc';
import type { AliasAction } from '../../backend/index.js';
import { fieldError } from '../../errors/index.js';
import type { TenantScope } from '../../tenancy/index.js';
import { checkQdrantRequest, decodeQdrantRequest } from '../../wire/qdrant/index.js';
import { CollectionAccess } from '../collection-access.js';
import type { UnaryUseCase } from '../deps.js';

/** qdrant.Collections/UpdateAliases: names of aliases are the tenant's own, as those of collections are. */
export const updateAliases: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeQdrantRequest(ChangeAliasesSchema, request);
  const references = checkQdrantRequest(ChangeAliasesSchema, message, '', undefined);
  const actions = message.actions.map((action, index) => toAction(action, index, scope));
  if (actions.length === 0) throw fieldError('FIELD_INVALID', 'actions', 'give at least one action');
  for (const { name, isRead } of references) {
    if (isRead) await new CollectionAccess(deps, scope, name, context).facts();
  }
  try {
    return await deps.backend.updateAliases(actions, context);
  } finally {
    // What is remembered of an alias is what it stood for.
    for (const { name } of references) new CollectionAccess(deps, scope, name, context).forgetFacts();
  }
};

function toAction({ action }: AliasOperations, index: number, scope: TenantScope): AliasAction {
  switch (action.case) {
    case 'createAlias': {
      const { aliasName, collectionName } = action.value;
      return {
        kind: 'create',
        alias: scope.physicalName(aliasName),
        collection: scope.physicalName(collectionName),
      };
    }
    case 'renameAlias': {
      const { oldAliasName, newAliasName } = action.value;
      return { kind: 'rename', from: scope.physicalName(oldAliasName), to: scope.physicalName(newAliasName) };
    }
    case 'deleteAlias':
      return { kind: 'delete', alias: scope.physicalName(action.value.aliasName) };
    default:
      throw fieldError('FIELD_INVALID', `actions[${index}]`, 'is empty');
  }
}
