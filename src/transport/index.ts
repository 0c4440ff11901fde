export type { Authenticate } from './authorizer.js';
export { ByteBudget } from './byte-budget.js';
export type { CallRecord } from './call-record.js';
export { upsertStreamRow } from './client-stream.js';
export { collectionsTable } from './collections-handlers.js';
export { pointsTable } from './points-handlers.js';
export { ReadGate } from './read-gate.js';
export type { ClientStreamRow, CollectionsTable, PointsTable, RpcRow, UnaryRow } from './rpc-table.js';
export { startTransport, type Transport, type TransportOptions } from './server.js';
