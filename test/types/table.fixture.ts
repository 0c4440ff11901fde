// Compiled by types.test.ts, never run. Every directive names the error that must be there.
import type { CallContext } from '../../src/backend/index.js';
import type { TenantScope } from '../../src/tenancy/index.js';
import type {
  ClientStreamRow,
  CollectionsTable,
  PointsTable,
  UnaryRow,
} from '../../src/transport/rpc-table.js';

declare const unary: UnaryRow;
declare const stream: ClientStreamRow;
declare const collections: CollectionsTable;
declare const points: PointsTable;
declare function search(scope: TenantScope, request: Buffer, context: CallContext): Promise<Uint8Array>;
declare function searchWithoutScope(request: Buffer, context: CallContext): Promise<Uint8Array>;
declare function searchByTenantId(tenantId: string, request: Buffer): Promise<Uint8Array>;

// What is allowed compiles: the refusals below are not of everything.
export const complete: PointsTable = { ...points, searchPoints: unary, streamUpsertPoints: stream };
export const scoped: UnaryRow = { kind: 'unary', needs: 'read', handle: search };

const { searchPoints: _leftOut, ...pointsWithoutSearch } = points;
// @ts-expect-error TS2741: an RPC without a row
export const incomplete: PointsTable = pointsWithoutSearch;

const { deleteCollection: _leftOutToo, ...collectionsWithoutDelete } = collections;
// @ts-expect-error TS2741: an RPC without a row, in the other service
export const incompleteToo: CollectionsTable = collectionsWithoutDelete;

// @ts-expect-error TS2353: a row without an RPC
export const surplus: PointsTable = { ...points, dropEverything: unary };

// @ts-expect-error TS2322: a handler that takes no scope
export const unscoped: UnaryRow = { kind: 'unary', needs: 'read', handle: searchWithoutScope };

// @ts-expect-error TS2322: a handler that takes a tenant id in place of a scope
export const byTenantId: UnaryRow = { kind: 'unary', needs: 'read', handle: searchByTenantId };

// @ts-expect-error TS2322: a bare handler in place of a row
export const bare: PointsTable = { ...points, searchPoints: search };

// @ts-expect-error TS2741: a row that does not say what the credential must allow
export const open: UnaryRow = { kind: 'unary', handle: search };

// @ts-expect-error TS2322: a scope that does not exist
export const misspelt: UnaryRow = { kind: 'unary', needs: 'reed', handle: search };

// @ts-expect-error TS2322: a stream with a unary row
export const streamAsUnary: PointsTable = { ...points, streamUpsertPoints: unary };
