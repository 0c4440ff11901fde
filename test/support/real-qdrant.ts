import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import {
  DeleteCollectionSchema,
  ListCollectionsRequestSchema,
  ListCollectionsResponseSchema,
} from '@qdrant/js-client-grpc';

/** The Qdrant that the suites shall run on (QDRANT_URL, QDRANT_API_KEY), or undefined for the embedded store. */
export function realQdrant(): { readonly url: string; readonly apiKey: string | undefined } | undefined {
  const url = process.env.QDRANT_URL;
  return url === undefined || url === '' ? undefined : { url, apiKey: process.env.QDRANT_API_KEY };
}

/**
 * Notes which collections are there; `tidyUp` deletes those that came later and that a gateway names, so that a suite
 * leaves a Qdrant as it found it, and never deletes what was not its own.
 */
export async function rememberCollections(): Promise<{ tidyUp(): Promise<void> }> {
  const before = new Set(await withQdrant(listCollections));
  return {
    tidyUp: () =>
      withQdrant(async (call) => {
        for (const name of await listCollections(call)) {
          if (!name.startsWith('company_') || before.has(name)) continue;
          const request = create(DeleteCollectionSchema, { collectionName: name });
          await call('Delete', toBinary(DeleteCollectionSchema, request));
        }
      }),
  };
}

type Call = (method: string, request: Uint8Array) => Promise<Buffer>;

async function listCollections(call: Call): Promise<string[]> {
  const request = toBinary(ListCollectionsRequestSchema, create(ListCollectionsRequestSchema));
  const reply = fromBinary(ListCollectionsResponseSchema, await call('List', request));
  return reply.collections.map(({ name }) => name);
}

async function withQdrant<T>(work: (call: Call) => Promise<T>): Promise<T> {
  const qdrant = realQdrant();
  if (qdrant === undefined) throw new Error('QDRANT_URL is not set');
  const url = new URL(qdrant.url);
  const secure = url.protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure();
  const client = new Client(`${url.hostname}:${url.port === '' ? '6334' : url.port}`, secure);
  const metadata = new Metadata();
  if (qdrant.apiKey !== undefined) metadata.set('api-key', qdrant.apiKey);
  const same = (bytes: Buffer): Buffer => bytes;
  const call: Call = (method, request) =>
    new Promise((resolve, reject) => {
      const path = `/qdrant.Collections/${method}`;
      const options = { deadline: Date.now() + 30_000 };
      client.makeUnaryRequest(path, same, same, Buffer.from(request), metadata, options, (error, reply) =>
        error === null ? resolve(reply ?? Buffer.alloc(0)) : reject(error),
      );
    });
  try {
    return await work(call);
  } finally {
    client.close();
  }
}
