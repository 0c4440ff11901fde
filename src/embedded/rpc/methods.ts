import type { DescFile } from '@bufbuild/protobuf';
import { file_qdrant, HealthCheckReplySchema } from '@qdrant/js-client-grpc';
import { unsupported } from '../store-status.js';
import { listAliases, listCollectionAliases, updateAliases } from './aliases.js';
import {
  collectionExists,
  createCollection,
  deleteCollection,
  getCollection,
  listCollections,
  updateCollection,
} from './collections.js';
import { createFieldIndex, deleteFieldIndex } from './field-indexes.js';
import { encode, type Handler } from './handler.js';
import { clearPayload, deletePayload, overwritePayload, setPayload } from './payload-write.js';
import { countPoints, getPoints } from './points-read.js';
import { deletePoints, deleteVectors, updateVectors, upsert } from './points-write.js';
import { scrollPoints } from './scroll.js';
import { queryPoints, searchBatch, searchPoints } from './search.js';

/** The Qdrant whose recorded answers this store gives; clients compare versions before they call. */
const VERSION = '1.18.3';

const healthCheck: Handler = () =>
  encode(HealthCheckReplySchema, { title: 'vector-gateway embedded store', version: VERSION });

const HANDLERS: Readonly<Record<string, Handler>> = {
  'qdrant.Qdrant/HealthCheck': healthCheck,
  'qdrant.Collections/Create': createCollection,
  'qdrant.Collections/Update': updateCollection,
  'qdrant.Collections/Delete': deleteCollection,
  'qdrant.Collections/Get': getCollection,
  'qdrant.Collections/List': listCollections,
  'qdrant.Collections/CollectionExists': collectionExists,
  'qdrant.Collections/UpdateAliases': updateAliases,
  'qdrant.Collections/ListAliases': listAliases,
  'qdrant.Collections/ListCollectionAliases': listCollectionAliases,
  'qdrant.Points/CreateFieldIndex': createFieldIndex,
  'qdrant.Points/DeleteFieldIndex': deleteFieldIndex,
  'qdrant.Points/Upsert': upsert,
  'qdrant.Points/Delete': deletePoints,
  'qdrant.Points/UpdateVectors': updateVectors,
  'qdrant.Points/DeleteVectors': deleteVectors,
  'qdrant.Points/SetPayload': setPayload,
  'qdrant.Points/OverwritePayload': overwritePayload,
  'qdrant.Points/DeletePayload': deletePayload,
  'qdrant.Points/ClearPayload': clearPayload,
  'qdrant.Points/Get': getPoints,
  'qdrant.Points/Count': countPoints,
  'qdrant.Points/Scroll': scrollPoints,
  'qdrant.Points/Search': searchPoints,
  'qdrant.Points/SearchBatch': searchBatch,
  'qdrant.Points/Query': queryPoints,
};

/** Every RPC of Qdrant by its path, "/qdrant.Points/Get"; one that is not served says so by name. */
export function methodTable(): ReadonlyMap<string, Handler> {
  const table = new Map<string, Handler>();
  const addFile = (file: DescFile): void => {
    for (const service of file.services) {
      for (const method of service.methods) {
        const rpc = `${service.typeName}/${method.name}`;
        table.set(`/${rpc}`, HANDLERS[rpc] ?? refuse(method.name));
      }
    }
    for (const dependency of file.dependencies) addFile(dependency);
  };
  addFile(file_qdrant);
  return table;
}

const refuse =
  (name: string): Handler =>
  () => {
    throw unsupported(`the RPC ${name}`);
  };
