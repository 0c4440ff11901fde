import { randomBytes } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Client as GrpcClient, status } from '@grpc/grpc-js';
import {
  CreateCollectionSchema,
  DeleteCollectionSchema,
  Distance,
  HealthCheckReplySchema,
} from '@qdrant/js-client-grpc';
import { createClient, VectorGatewayError } from '../../src/client/index.js';
import { connectDirect, type DirectTarget, metadataOf } from './targets/direct.js';
import { same } from './targets/passing-server.js';

// A tenant of this run alone: its collection is made and dropped again and again, and must be nobody's data.
export const tenant = `bench-${randomBytes(6).toString('hex')}`;
export const collection = 'bench';
/** Its name at Qdrant. */
export const physicalName = `company_${tenant}_${collection}`;

/** How the bench's collection is made new, so that no measurement has more in its backend than the one before. */
export interface Ground {
  /** For the output: what the collections are like. */
  readonly text: string;
  /** Empty, of this dimension. `gateway` is the address of the gateway that is used next. */
  renew(gateway: string, dimension: number): Promise<void>;
  drop(gateway: string): Promise<void>;
}

/** Made by the gateway, as the embedded store is reached by no other way. */
export const embeddedGround: Ground = {
  text: 'embedded store: the gateway’s own process; its CPU is counted with the gateway’s',
  renew: async (gateway, dimension) => {
    await embeddedGround.drop(gateway);
    const client = createClient({ address: gateway, tenant });
    await client.collections.create(collection, { vectorSize: dimension });
    client.close();
  },
  drop: async (gateway) => {
    const client = createClient({ address: gateway, tenant });
    try {
      await client.collections.delete(collection);
    } catch (error) {
      if (!(error instanceof VectorGatewayError && error.reason === 'COLLECTION_NOT_FOUND')) throw error;
    } finally {
      client.close();
    }
  },
};

/** Made at Qdrant itself, without an index: its building would take the processor from whichever row comes next. */
export class QdrantGround implements Ground {
  readonly text =
    'Qdrant: Cosine, no index (indexing_threshold 0), made new before each ingest; writes with wait = true';
  readonly #client: GrpcClient;
  readonly #target: DirectTarget;

  constructor(target: DirectTarget) {
    this.#target = target;
    this.#client = connectDirect(target);
  }

  async version(): Promise<string> {
    const reply = await this.#call('Qdrant/HealthCheck', new Uint8Array());
    return fromBinary(HealthCheckReplySchema, reply).version;
  }

  async renew(_gateway: string, dimension: number): Promise<void> {
    await this.drop();
    const params = { size: BigInt(dimension), distance: Distance.Cosine };
    const request = create(CreateCollectionSchema, {
      collectionName: physicalName,
      vectorsConfig: { config: { case: 'params', value: params } },
      optimizersConfig: { indexingThreshold: 0n },
    });
    await this.#call('Collections/Create', toBinary(CreateCollectionSchema, request));
  }

  async drop(): Promise<void> {
    const request = create(DeleteCollectionSchema, { collectionName: physicalName });
    await this.#call('Collections/Delete', toBinary(DeleteCollectionSchema, request));
  }

  close(): void {
    this.#client.close();
  }

  #call(method: string, request: Uint8Array): Promise<Buffer> {
    const options = { deadline: Date.now() + callTimeoutMs };
    const metadata = metadataOf(this.#target);
    const bytes = Buffer.from(request);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/qdrant.${method}`,
        same,
        same,
        bytes,
        metadata,
        options,
        (error, reply) => {
          if (error === null) resolve(reply ?? Buffer.alloc(0));
          else if (error.code === status.UNAVAILABLE)
            reject(new Error(`no Qdrant at ${this.#target.url}: ${error.details}`));
          else reject(error);
        },
      );
    });
  }
}

const callTimeoutMs = 60_000;
