export type { Authenticate } from './authorizer.js';
export type { CallRecord } from './call-record.js';
export { collectionsTable } from './collections-handlers.js';
export { pointsTable } from './points-handlers.js';
export type { ClientStreamRow, CollectionsTable, PointsTable, RpcRow, UnaryRow } from './rpc-table.js';
export { startTransport, type Transport, type TransportOptions } from './server.js';
