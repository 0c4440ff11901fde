import {
  createCollection,
  createPayloadIndex,
  deleteCollection,
  deletePayloadIndex,
  getCollection,
  listCollections,
  type ServiceDeps,
  type UnaryUseCase,
  updateCollection,
} from '../services/index.js';
import type { AccessScope } from '../tenancy/index.js';
import type { CollectionsTable, UnaryRow } from './rpc-table.js';

/** The rows of CollectionsService: which credential each RPC needs, and what it does. */
export function collectionsTable(deps: ServiceDeps): CollectionsTable {
  const row = (needs: AccessScope, useCase: UnaryUseCase): UnaryRow => ({
    kind: 'unary',
    needs,
    handle: (scope, request, context) => useCase(deps, scope, request, context),
  });
  return {
    createCollection: row('admin', createCollection),
    getCollection: row('read', getCollection),
    listCollections: row('read', listCollections),
    updateCollection: row('admin', updateCollection),
    deleteCollection: row('admin', deleteCollection),
    createPayloadIndex: row('admin', createPayloadIndex),
    deletePayloadIndex: row('admin', deletePayloadIndex),
  };
}
