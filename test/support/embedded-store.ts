import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import {
  CollectionOperationResponseSchema,
  CountPointsSchema,
  CountResponseSchema,
  CreateCollectionSchema,
  DeleteCollectionSchema,
  Distance,
  type FilterSchema,
} from '@qdrant/js-client-grpc';
import {
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  startEmbeddedStore,
} from '../../src/embedded/index.js';

export interface StoreAnswer {
  /** Name of the gRPC code: "OK", "NOT_FOUND". */
  readonly code: string;
  readonly message: string;
  readonly bytes: Buffer;
}

const same = (bytes: Buffer): Buffer => bytes;

/** An embedded store in a folder of its own, and a client of it without limits and retries. */
export class TestStore {
  #store: EmbeddedStore;
  #client: Client;

  private constructor(
    private readonly options: EmbeddedStoreOptions,
    readonly logLines: readonly string[],
    store: EmbeddedStore,
  ) {
    this.#store = store;
    this.#client = connect(store.address);
  }

  static async start(limits: Omit<EmbeddedStoreOptions, 'dataDir' | 'onLog'> = {}): Promise<TestStore> {
    const lines: string[] = [];
    const dataDir = await mkdtemp(join(tmpdir(), 'embedded-'));
    const onLog = (level: string, message: string, fields?: object) =>
      lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
    const options = { ...limits, dataDir, onLog };
    return new TestStore(options, lines, await startEmbeddedStore(options));
  }

  get dataDir(): string {
    return this.options.dataDir;
  }

  /** Closes the store and opens it again on the same folder. */
  async restart(whileClosed: () => void = () => undefined): Promise<void> {
    this.#client.close();
    await this.#store.close();
    whileClosed();
    this.#store = await startEmbeddedStore(this.options);
    this.#client = connect(this.#store.address);
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.#store.close();
    await rm(this.options.dataDir, { recursive: true, force: true });
  }

  /** Never rejects; `rpc` is such as "Points/Upsert". */
  raw(rpc: string, request: Uint8Array): Promise<StoreAnswer> {
    const options = { deadline: Date.now() + 30_000 };
    const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        `/qdrant.${rpc}`,
        same,
        same,
        bytes,
        new Metadata(),
        options,
        (error, reply) =>
          resolve({
            code: status[error?.code ?? status.OK] ?? '',
            message: error?.details ?? '',
            bytes: reply ?? Buffer.alloc(0),
          }),
      );
    });
  }

  answer<I extends DescMessage>(rpc: string, input: I, request: MessageInitShape<I>): Promise<StoreAnswer> {
    return this.raw(rpc, toBinary(input, create(input, request)));
  }

  /** The reply; throws when the answer is not OK. */
  async call<I extends DescMessage, O extends DescMessage>(
    rpc: string,
    input: I,
    output: O,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>> {
    const { code, message, bytes } = await this.answer(rpc, input, request);
    if (code !== 'OK') throw new Error(`${rpc}: ${code} ${message}`);
    return fromBinary(output, bytes);
  }

  async createCollection(collectionName: string, size: number, distance = Distance.Dot): Promise<void> {
    await this.call('Collections/Create', CreateCollectionSchema, CollectionOperationResponseSchema, {
      collectionName,
      vectorsConfig: { config: { case: 'params', value: { size: BigInt(size), distance } } },
    });
  }

  deleteCollection(collectionName: string): Promise<StoreAnswer> {
    return this.answer('Collections/Delete', DeleteCollectionSchema, { collectionName });
  }

  async count(collectionName: string, filter?: MessageInitShape<typeof FilterSchema>): Promise<number> {
    const request = { collectionName, filter, exact: true };
    const { result } = await this.call('Points/Count', CountPointsSchema, CountResponseSchema, request);
    return Number(result?.count ?? 0n);
  }
}

const connect = (address: string): Client =>
  new Client(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  });
