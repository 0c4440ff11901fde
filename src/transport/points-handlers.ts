import {
  clearPayload,
  countPoints,
  deletePayload,
  deletePoints,
  facetPoints,
  getPoints,
  overwritePayload,
  queryPointGroups,
  queryPoints,
  type ServiceDeps,
  scrollPoints,
  searchPoints,
  searchPointsBatch,
  setPayload,
  updateVectors,
  upsertPoints,
} from '../services/index.js';
import type { BidiStreamRow, ClientStreamRow, PointsTable, ServerStreamRow } from './rpc-table.js';
import { unaryRowsOver } from './unary-row.js';

/** The rows of PointsService: which credential each RPC needs, and what it does. */
export function pointsTable(
  deps: ServiceDeps,
  streams: {
    readonly streamUpsertPoints: ClientStreamRow;
    readonly ingestPoints: BidiStreamRow;
    readonly exportPoints: ServerStreamRow;
    readonly streamSearchPoints: BidiStreamRow;
  },
): PointsTable {
  const row = unaryRowsOver(deps);
  return {
    upsertPoints: row('write', upsertPoints),
    ...streams,
    getPoints: row('read', getPoints),
    deletePoints: row('write', deletePoints),
    updateVectors: row('write', updateVectors),
    setPayload: row('write', setPayload),
    overwritePayload: row('write', overwritePayload),
    deletePayload: row('write', deletePayload),
    clearPayload: row('write', clearPayload),
    searchPoints: row('read', searchPoints),
    searchPointsBatch: row('read', searchPointsBatch),
    queryPoints: row('read', queryPoints),
    queryPointGroups: row('read', queryPointGroups),
    facetPoints: row('read', facetPoints),
    scrollPoints: row('read', scrollPoints),
    countPoints: row('read', countPoints),
  };
}
