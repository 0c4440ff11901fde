import type { DescService } from '@bufbuild/protobuf';
import { file_qdrant } from '@qdrant/js-client-grpc';
import { GatewayError } from '../errors/index.js';
import { qdrantCollections, qdrantPoints, type ServiceDeps } from '../services/index.js';
import { rawMethod } from './raw-method.js';
import type { AnyService } from './raw-services.js';
import type { RpcRow, UnaryRow } from './rpc-table.js';
import { type MakeUnaryRow, unaryRowsOver } from './unary-row.js';

/** A row for each RPC, by its name in lower camel case. One without a row is not served; a test asks for all. */
type Rows = Readonly<Record<string, UnaryRow>>;

export interface QdrantService {
  readonly service: AnyService;
  readonly table: Readonly<Record<string, RpcRow>>;
}

/** Qdrant's own services, for clients that know no other: the tenant's collections by the tenant's names. */
export function qdrantServices(deps: ServiceDeps): readonly QdrantService[] {
  const row = unaryRowsOver(deps);
  return [
    { service: definitionOf('Points'), table: pointsRows(row) },
    { service: definitionOf('Collections'), table: collectionsRows(row) },
    { service: definitionOf('Snapshots'), table: snapshotsRows() },
  ];
}

function pointsRows(row: MakeUnaryRow): Rows {
  return {
    upsert: row('write', qdrantPoints.upsert),
    delete: row('write', qdrantPoints.delete),
    get: row('read', qdrantPoints.get),
    updateVectors: row('write', qdrantPoints.updateVectors),
    deleteVectors: row('write', qdrantPoints.deleteVectors),
    setPayload: row('write', qdrantPoints.setPayload),
    overwritePayload: row('write', qdrantPoints.overwritePayload),
    deletePayload: row('write', qdrantPoints.deletePayload),
    clearPayload: row('write', qdrantPoints.clearPayload),
    createFieldIndex: row('admin', qdrantPoints.createFieldIndex),
    deleteFieldIndex: row('admin', qdrantPoints.deleteFieldIndex),
    createVectorName: row('admin', qdrantPoints.createVectorName),
    deleteVectorName: row('admin', qdrantPoints.deleteVectorName),
    search: row('read', qdrantPoints.search),
    searchBatch: row('read', qdrantPoints.searchBatch),
    searchGroups: row('read', qdrantPoints.searchGroups),
    scroll: row('read', qdrantPoints.scroll),
    recommend: row('read', qdrantPoints.recommend),
    recommendBatch: row('read', qdrantPoints.recommendBatch),
    recommendGroups: row('read', qdrantPoints.recommendGroups),
    discover: row('read', qdrantPoints.discover),
    discoverBatch: row('read', qdrantPoints.discoverBatch),
    count: row('read', qdrantPoints.count),
    updateBatch: row('write', qdrantPoints.updateBatch),
    query: row('read', qdrantPoints.query),
    queryBatch: row('read', qdrantPoints.queryBatch),
    queryGroups: row('read', qdrantPoints.queryGroups),
    facet: row('read', qdrantPoints.facet),
    searchMatrixPairs: row('read', qdrantPoints.searchMatrixPairs),
    searchMatrixOffsets: row('read', qdrantPoints.searchMatrixOffsets),
  };
}

function collectionsRows(row: MakeUnaryRow): Rows {
  const shards = reserved('shards and their keys are');
  return {
    get: row('read', qdrantCollections.get),
    list: row('read', qdrantCollections.list),
    create: row('admin', qdrantCollections.create),
    update: row('admin', qdrantCollections.update),
    delete: row('admin', qdrantCollections.delete),
    updateAliases: row('admin', qdrantCollections.updateAliases),
    listCollectionAliases: row('read', qdrantCollections.listCollectionAliases),
    listAliases: row('read', qdrantCollections.listAliases),
    collectionExists: row('read', qdrantCollections.collectionExists),
    collectionClusterInfo: reserved('the cluster is'),
    updateCollectionClusterSetup: reserved('the cluster is'),
    createShardKey: shards,
    deleteShardKey: shards,
    listShardKeys: shards,
  };
}

function snapshotsRows(): Rows {
  const snapshots = reserved('snapshots are files of the node: they are');
  return {
    create: snapshots,
    list: snapshots,
    delete: snapshots,
    createFull: snapshots,
    listFull: snapshots,
    deleteFull: snapshots,
  };
}

/** A row for what concerns the node or the cluster, which tenants share. Nothing of the request is read. */
function reserved(what: string): UnaryRow {
  const text = `${what} the operator's business, to be done at Qdrant itself; a tenant's calls cannot`;
  return {
    kind: 'unary',
    needs: 'read',
    handle: () => Promise.reject(new GatewayError('OPERATION_RESERVED', text)),
  };
}

function definitionOf(name: string): AnyService {
  const service = officialServices.find((each) => each.name === name);
  if (service === undefined) throw new TypeError(`the official package has no service ${name}`);
  return Object.fromEntries(
    service.methods.map(({ localName, name: rpc }) => [localName, rawMethod(`/${service.typeName}/${rpc}`)]),
  );
}

// The package exports the services' messages, and of the services only what hangs on this file.
const officialServices: readonly DescService[] = [file_qdrant, ...file_qdrant.dependencies].flatMap(
  ({ services }) => services,
);
