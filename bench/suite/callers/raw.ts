import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import {
  PointsOperationResponseSchema,
  SearchPointsSchema,
  SearchResponseSchema,
  UpdateStatus,
} from '@qdrant/js-client-grpc';
import { collection, physicalName, tenant } from '../ground.js';
import { takeIds, type VectorSource } from '../points.js';
import { channelOptions, connectDirect, type DirectTarget, metadataOf } from '../targets/direct.js';
import { same } from '../targets/passing-server.js';
import type { Searcher, Writer } from './types.js';

/** Where a raw caller sends, and what the collection is called there. */
export interface RawTarget {
  readonly client: Client;
  readonly metadata: Metadata;
  readonly collection: string;
  readonly upsertPath: string;
  readonly searchPath: string;
}

const qdrantPaths = { upsertPath: '/qdrant.Points/Upsert', searchPath: '/qdrant.Points/Search' };
const ownPaths = {
  upsertPath: '/vectorgateway.v1.PointsService/UpsertPoints',
  searchPath: '/vectorgateway.v1.PointsService/SearchPoints',
};

export function toQdrant(target: DirectTarget): RawTarget {
  return {
    client: connectDirect(target),
    metadata: metadataOf(target),
    collection: physicalName,
    ...qdrantPaths,
  };
}

/** Something at `address` that speaks Qdrant's protocol and passes the metadata on. */
export function toBare(address: string, target: DirectTarget): RawTarget {
  return { ...toQdrant(target), client: plainClient(address) };
}

export function toGateway(address: string): RawTarget {
  return { client: plainClient(address), metadata: ofTenant(), collection, ...ownPaths };
}

export const plainClient = (address: string): Client =>
  new Client(address, credentials.createInsecure(), channelOptions);

export function ofTenant(): Metadata {
  const metadata = new Metadata();
  metadata.set('x-company-id', tenant);
  return metadata;
}

/** Unary calls on grpc-js whose points and vectors were encoded before: next to no work for the caller. */
export function rawCaller(target: RawTarget, vectors: VectorSource): Writer & Searcher {
  // Fields 1 and 2 of an upsert: the collection, and wait = true.
  const head = new BinaryWriter().uint32(10).string(target.collection).uint32(16).bool(true).finish();
  const searches = Array.from({ length: distinctSearches }, (_, index) =>
    searchRequest(target, vectors.list(index)),
  );
  return {
    write: async (isDone, [message]) => {
      let confirmed = 0;
      do {
        const request = message.message(head, takeIds(message.points));
        // The replies of Qdrant and of the gateway have the same form here.
        const { result } = fromBinary(
          PointsOperationResponseSchema,
          await call(target, target.upsertPath, request),
        );
        if (result?.status !== UpdateStatus.Completed) throw new Error('an upsert was not completed');
        confirmed += message.points;
      } while (!isDone(confirmed));
      return confirmed;
    },
    search: async (index) => {
      const request = searches[index % distinctSearches] ?? Buffer.alloc(0);
      return fromBinary(SearchResponseSchema, await call(target, target.searchPath, request)).result.length;
    },
    close: () => target.client.close(),
  };
}

const distinctSearches = 64;

function searchRequest({ collection: collectionName }: RawTarget, vector: number[]): Buffer {
  const withPayload = { selectorOptions: { case: 'enable', value: true } } as const;
  const request = create(SearchPointsSchema, { collectionName, vector, limit: 10n, withPayload });
  return Buffer.from(toBinary(SearchPointsSchema, request));
}

function call({ client, metadata }: RawTarget, path: string, request: Buffer): Promise<Buffer> {
  const options = { deadline: Date.now() + callTimeoutMs };
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, request, metadata, options, (error, reply) =>
      error === null ? resolve(reply ?? Buffer.alloc(0)) : reject(error),
    );
  });
}

// As long as the official client waits.
const callTimeoutMs = 300_000;
