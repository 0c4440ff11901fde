import {
  type AliasOperations,
  ChangeAliasesSchema,
  ListAliasesResponseSchema,
  ListCollectionAliasesRequestSchema,
} from '@qdrant/js-client-grpc';
import type { Alias } from '../engine/catalog.js';
import type { Store } from '../engine/store.js';
import type { WriteBatch } from '../engine/writer.js';
import { invalid, notFound } from '../store-status.js';
import { nameTaken, operationDone } from './collections.js';
import { decode, encode, type Handler, secondsSince } from './handler.js';
import { atLeast } from './settings-check.js';
import { checkCollectionName, checkNewAlias } from './validate.js';

const MAX_ACTIONS = 1_000;

type Action = Exclude<AliasOperations['action'], { case: undefined }>;

/** One action after another: those before one that fails stay, as in Qdrant. */
export const updateAliases: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(ChangeAliasesSchema, bytes);
  atLeast('timeout', request.timeout, 1);
  if (request.actions.length > MAX_ACTIONS) throw invalid(`more than ${MAX_ACTIONS} actions in one request`);
  const actions = request.actions.map(({ action }) => {
    if (action.case === undefined) throw invalid('Malformed AliasOperation type');
    return action;
  });
  for (const action of actions) await store.writer.submit((batch) => apply(store, batch, action), 0, true);
  return operationDone(true, startedAtMs);
};

function apply({ catalog }: Store, batch: WriteBatch, action: Action): void {
  switch (action.case) {
    case 'createAlias': {
      const { aliasName, collectionName } = action.value;
      checkNewAlias(aliasName);
      if (!catalog.has(collectionName)) {
        throw notFound(`Not found: Collection \`${collectionName}\` doesn't exist!`);
      }
      if (catalog.has(aliasName)) throw nameTaken(aliasName);
      catalog.putAlias(batch, aliasName, collectionName);
      break;
    }
    case 'deleteAlias':
      catalog.removeAlias(batch, action.value.aliasName);
      break;
    case 'renameAlias': {
      const { oldAliasName, newAliasName } = action.value;
      checkNewAlias(newAliasName);
      const target = catalog.aliases().find(({ alias }) => alias === oldAliasName)?.collection;
      if (target === undefined) throw notFound(`Not found: Alias ${oldAliasName} does not exists!`);
      if (catalog.has(newAliasName)) throw nameTaken(newAliasName);
      catalog.removeAlias(batch, oldAliasName);
      catalog.putAlias(batch, newAliasName, target);
    }
  }
}

export const listAliases: Handler = (store) => answer(store.catalog.aliases());

export const listCollectionAliases: Handler = (store, bytes) => {
  const { collectionName } = decode(ListCollectionAliasesRequestSchema, bytes);
  checkCollectionName(collectionName);
  return answer(store.catalog.aliases().filter(({ collection }) => collection === collectionName));
};

function answer(list: readonly Alias[]): Uint8Array {
  const startedAtMs = performance.now();
  const aliases = list.map(({ alias, collection }) => ({ aliasName: alias, collectionName: collection }));
  return encode(ListAliasesResponseSchema, { aliases, time: secondsSince(startedAtMs) });
}
