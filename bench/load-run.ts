import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  CollectionsServiceClient,
  CreateCollectionRequest,
  DeleteCollectionRequest,
} from '../src/gen/vectorgateway/v1/collections_service.js';
import type { PointId } from '../src/gen/vectorgateway/v1/point_id.js';
import type { Point } from '../src/gen/vectorgateway/v1/points.js';
import {
  GetPointsRequest,
  PointsServiceClient,
  SearchPointsRequest,
  StreamUpsertPointsRequest,
  UpsertPointsRequest,
} from '../src/gen/vectorgateway/v1/points_service.js';
import { Tally } from './load-tally.js';

export interface LoadOptions {
  readonly address: string;
  readonly metadata: Metadata;
  readonly tls: boolean;
  readonly caFile: string | undefined;
  readonly durationMs: number;
  readonly callers: number;
  readonly dimension: number;
}

export interface LoadReport {
  readonly calls: number;
  readonly errors: number;
  /** The table for people. */
  readonly text: string;
}

// A name of its own each time: the collection is dropped at the end and must be nobody's data.
const collection = `load-${randomBytes(6).toString('hex')}`;
const idSpace = 20_000;
const batchPoints = 16;
const streamMessages = 8;
const callTimeoutMs = 30_000;
const seededIds = 256;

export function callMetadata(tenant: string, key: string | undefined): Metadata {
  const metadata = new Metadata();
  metadata.set('x-company-id', tenant);
  if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);
  return metadata;
}

/** Drives the mix for its time on a collection of its own, which it drops. Rejects when that cannot be made. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const driver = new Driver(options);
  await driver.begin();
  const startMs = performance.now();
  const endMs = startMs + options.durationMs;
  try {
    await Promise.all(Array.from({ length: options.callers }, () => driver.drive(endMs)));
    const { tally } = driver;
    return { calls: tally.calls, errors: tally.errors, text: tally.table(performance.now() - startMs) };
  } finally {
    await driver.end();
  }
}

type Callback = (error: ServiceError | null) => void;

class Driver {
  readonly tally = new Tally();
  readonly #options: LoadOptions;
  readonly #collections: CollectionsServiceClient;
  readonly #points: PointsServiceClient;
  /** Vectors are made once: the load is the gateway's, not this process's. */
  readonly #vectors: readonly number[][];
  /** One turn of ten calls: more reads than writes, as services have. */
  readonly #mix: readonly (readonly [string, number, () => Promise<void>])[];

  constructor(options: LoadOptions) {
    this.#options = options;
    const channel = options.tls
      ? credentials.createSsl(options.caFile === undefined ? null : readFileSync(options.caFile))
      : credentials.createInsecure();
    const channelOptions = { 'grpc.enable_http_proxy': 0, 'grpc.max_receive_message_length': 64 * 1024 ** 2 };
    this.#collections = new CollectionsServiceClient(options.address, channel, channelOptions);
    this.#points = new PointsServiceClient(options.address, channel, channelOptions);
    this.#vectors = Array.from({ length: 64 }, () =>
      Array.from({ length: options.dimension }, () => Math.random() * 2 - 1),
    );
    this.#mix = [
      ['upsert', batchPoints, () => this.#upsert(pointsFrom(randomId(), this.#vectors))],
      ['search', 0, () => this.#search()],
      ['get', 0, () => this.#get()],
      ['search', 0, () => this.#search()],
      ['get', 0, () => this.#get()],
      ['stream', batchPoints * streamMessages, () => this.#stream()],
      ['search', 0, () => this.#search()],
      ['get', 0, () => this.#get()],
      ['search', 0, () => this.#search()],
      ['get', 0, () => this.#get()],
    ];
  }

  async begin(): Promise<void> {
    const { dimension } = this.#options;
    const request = CreateCollectionRequest.fromPartial({ collection, vectorSize: BigInt(dimension) });
    await this.#unary((done) => this.#collections.createCollection(request, ...this.#rest(), done));
    for (let id = 1; id <= seededIds; id += batchPoints) {
      await this.#upsert(pointsFrom(id, this.#vectors));
    }
  }

  async end(): Promise<void> {
    const request = DeleteCollectionRequest.fromPartial({ collection });
    await this.#unary((done) => this.#collections.deleteCollection(request, ...this.#rest(), done)).catch(
      () => undefined,
    );
    this.#collections.close();
    this.#points.close();
  }

  /** One caller: call after call until the time is over. Errors are counted, with a pause after each. */
  async drive(endMs: number): Promise<void> {
    let turn = Math.floor(Math.random() * this.#mix.length);
    while (performance.now() < endMs) {
      const [kind, points, call] = this.#mix[turn++ % this.#mix.length] ?? ['', 0, async () => undefined];
      const startMs = performance.now();
      try {
        await call();
        this.tally.succeeded(kind, performance.now() - startMs, points);
      } catch (error) {
        this.tally.failed(kind, error instanceof Error ? error.message : String(error));
        await new Promise((resume) => setTimeout(resume, 50));
      }
    }
  }

  #upsert(points: Point[]): Promise<void> {
    const request = UpsertPointsRequest.fromPartial({ collection, points });
    return this.#unary((done) => this.#points.upsertPoints(request, ...this.#rest(), done));
  }

  #search(): Promise<void> {
    const vector = this.#vectors[randomId() % this.#vectors.length] ?? [];
    const request = SearchPointsRequest.fromPartial({ collection, vector, limit: 10n });
    return this.#unary((done) => this.#points.searchPoints(request, ...this.#rest(), done));
  }

  #get(): Promise<void> {
    const ids = Array.from({ length: 8 }, () => pointId(1 + (randomId() % seededIds)));
    const request = GetPointsRequest.fromPartial({ collection, ids });
    return this.#unary((done) => this.#points.getPoints(request, ...this.#rest(), done));
  }

  #stream(): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = this.#points.streamUpsertPoints(...this.#rest(), (error, reply) => {
        const rejected = reply?.summary?.rejected ?? 0n;
        if (error !== null) reject(error);
        else if (rejected > 0n) reject(new Error(`${rejected} points rejected`));
        else resolve();
      });
      // An error comes by the callback too; without a listener it would be thrown.
      call.on('error', () => undefined);
      for (let message = 0; message < streamMessages; message++) {
        const points = pointsFrom(randomId(), this.#vectors);
        call.write(StreamUpsertPointsRequest.fromPartial({ collection, points }));
      }
      call.end();
    });
  }

  #rest(): [Metadata, { deadline: number }] {
    return [this.#options.metadata, { deadline: Date.now() + callTimeoutMs }];
  }

  #unary(start: (done: Callback) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      start((error) => (error === null ? resolve() : reject(error)));
    });
  }
}

const randomId = (): number => 1 + Math.floor(Math.random() * idSpace);

const pointId = (id: number): PointId => ({ pointIdOptions: { $case: 'num', value: BigInt(id) } });

function pointsFrom(first: number, vectors: readonly number[][]): Point[] {
  return Array.from({ length: batchPoints }, (_, offset) => ({
    id: pointId(first + offset),
    vector: vectors[(first + offset) % vectors.length] ?? [],
    payload: new Map(),
  }));
}
