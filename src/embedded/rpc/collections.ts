import { status } from '@grpc/grpc-js';
import {
  CollectionExistsRequestSchema,
  CollectionExistsResponseSchema,
  CollectionOperationResponseSchema,
  CollectionStatus,
  CreateCollectionSchema,
  DeleteCollectionSchema,
  GetCollectionInfoRequestSchema,
  GetCollectionInfoResponseSchema,
  ListCollectionsResponseSchema,
  type PayloadSchemaInfo,
  UpdateCollectionSchema,
} from '@qdrant/js-client-grpc';
import type { Collection } from '../engine/catalog.js';
import { indexesOf } from '../engine/payload-indexes.js';
import type { Store } from '../engine/store.js';
import { invalid, StoreStatus } from '../store-status.js';
import { changedConfig, checkUpdate, decodeConfig, readDefinition } from './collection-config.js';
import { decode, encode, type Handler, secondsSince } from './handler.js';
import { atLeast } from './settings-check.js';
import { checkCollectionName, checkNewCollectionName } from './validate.js';

export const operationDone = (result: boolean, startedAtMs: number): Uint8Array =>
  encode(CollectionOperationResponseSchema, { result, time: secondsSince(startedAtMs) });

export const nameTaken = (name: string): StoreStatus =>
  new StoreStatus(status.ALREADY_EXISTS, `Wrong input: Collection \`${name}\` already exists!`);

export const createCollection: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(CreateCollectionSchema, bytes);
  const name = request.collectionName;
  checkNewCollectionName(name);
  const definition = readDefinition(request);
  await store.writer.submit(
    (batch) => {
      if (store.catalog.has(name)) throw nameTaken(name);
      if (store.catalog.hasAlias(name)) {
        throw invalid(
          `Wrong input: Can't create collection with name ${name}. Alias with the same name already exists`,
        );
      }
      store.catalog.create(batch, { name, ...definition });
    },
    bytes.length,
    true,
  );
  return operationDone(true, startedAtMs);
};

export const updateCollection: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(UpdateCollectionSchema, bytes);
  checkCollectionName(request.collectionName);
  checkUpdate(request);
  await store.writer.submit(
    (batch) => {
      const collection = store.catalog.get(request.collectionName);
      store.catalog.put(batch, { ...collection, config: changedConfig(collection, request) });
    },
    bytes.length,
    true,
  );
  return operationDone(true, startedAtMs);
};

/** False for a name that is not there, and for an alias. */
export const deleteCollection: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(DeleteCollectionSchema, bytes);
  checkCollectionName(request.collectionName);
  atLeast('timeout', request.timeout, 1);
  const existed = await store.writer.submit(
    (batch) => {
      if (!store.catalog.has(request.collectionName)) return false;
      store.removeCollection(batch, store.catalog.get(request.collectionName));
      return true;
    },
    0,
    true,
  );
  return operationDone(existed, startedAtMs);
};

export const getCollection: Handler = (store, bytes) => {
  const startedAtMs = performance.now();
  const { collectionName } = decode(GetCollectionInfoRequestSchema, bytes);
  checkCollectionName(collectionName);
  const collection = store.catalog.get(collectionName);
  const pointsCount = BigInt(store.counts.of(collection).points);
  return encode(GetCollectionInfoResponseSchema, {
    result: {
      status: CollectionStatus.Green,
      optimizerStatus: { ok: true },
      segmentsCount: 1n,
      config: decodeConfig(collection),
      payloadSchema: payloadSchema(store, collection),
      pointsCount,
      // Every vector can be searched at once; none is in an approximate index.
      indexedVectorsCount: 0n,
    },
    time: secondsSince(startedAtMs),
  });
};

function payloadSchema(store: Store, collection: Collection): Record<string, PayloadSchemaInfo> {
  const counts = new Map(Object.entries(store.counts.of(collection).indexed));
  return Object.fromEntries(
    [...indexesOf(collection)].map(([path, { info }]) => [
      path,
      { ...info, points: BigInt(counts.get(path) ?? 0) },
    ]),
  );
}

/** For an alias too. */
export const collectionExists: Handler = (store, bytes) => {
  const startedAtMs = performance.now();
  const { collectionName } = decode(CollectionExistsRequestSchema, bytes);
  checkCollectionName(collectionName);
  const exists = store.catalog.find(collectionName) !== undefined;
  return encode(CollectionExistsResponseSchema, { result: { exists }, time: secondsSince(startedAtMs) });
};

export const listCollections: Handler = (store) => {
  const startedAtMs = performance.now();
  const collections = store.catalog.names().map((name) => ({ name }));
  return encode(ListCollectionsResponseSchema, { collections, time: secondsSince(startedAtMs) });
};
