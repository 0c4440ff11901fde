import {
  createCollection,
  createPayloadIndex,
  deleteCollection,
  deletePayloadIndex,
  getCollection,
  listCollections,
  type ServiceDeps,
  updateCollection,
} from '../services/index.js';
import type { CollectionsTable } from './rpc-table.js';
import { unaryRowsOver } from './unary-row.js';

/** The rows of CollectionsService: which credential each RPC needs, and what it does. */
export function collectionsTable(deps: ServiceDeps): CollectionsTable {
  const row = unaryRowsOver(deps);
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
