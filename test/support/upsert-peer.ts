import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type handleUnaryCall, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import {
  CollectionStatus,
  GetCollectionInfoResponseSchema,
  HealthCheckReplySchema,
  PointsOperationResponseSchema,
  UpdateStatus,
  type UpsertPoints,
  UpsertPointsSchema,
} from '@qdrant/js-client-grpc';

export interface UpsertPeerOptions {
  readonly dimension: number;
  /** Runs before a write is applied; throwing a PeerFailureError refuses it. `number` counts from 1. */
  readonly onUpsert?: (request: UpsertPoints, number: number, bytes: number) => Promise<void> | void;
  /** Only counts the bytes of writes, for loads whose decoding would be what is measured. */
  readonly countOnly?: boolean;
  /** How callers reach it; without TLS by default. */
  readonly credentials?: ServerCredentials;
}

/** What the peer answers instead of doing it. */
export class PeerFailureError extends Error {
  readonly code: number;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
  }
}

/** A server that speaks Qdrant's protocol, knows any collection, and keeps the last write of each point. */
export interface UpsertPeer {
  readonly address: string;
  /** The first float of the last version of each id. */
  readonly points: ReadonlyMap<bigint, number>;
  /** Sizes, in points, of the writes as they arrived. */
  readonly batches: readonly number[];
  /** Bytes of writes. */
  readonly bytes: number;
  readonly mostAtATime: number;
  /** Ids that were in two writes at a time. */
  readonly overlaps: readonly bigint[];
  close(): void;
}

export async function startUpsertPeer(options: UpsertPeerOptions): Promise<UpsertPeer> {
  const seen = {
    points: new Map<bigint, number>(),
    batches: [] as number[],
    bytes: 0,
    mostAtATime: 0,
    overlaps: [] as bigint[],
  };
  const running = new Map<bigint, number>();
  let atATime = 0;
  let count = 0;
  const apply = async (bytes: Buffer): Promise<void> => {
    seen.bytes += bytes.length;
    count += 1;
    atATime += 1;
    seen.mostAtATime = Math.max(seen.mostAtATime, atATime);
    const request = options.countOnly ? create(UpsertPointsSchema) : fromBinary(UpsertPointsSchema, bytes);
    const versions = request.points.map(idAndFirst);
    if (!options.countOnly) seen.batches.push(versions.length);
    for (const [id] of versions) {
      if ((running.get(id) ?? 0) > 0) seen.overlaps.push(id);
      running.set(id, (running.get(id) ?? 0) + 1);
    }
    try {
      await options.onUpsert?.(request, count, bytes.length);
      for (const [id, first] of versions) seen.points.set(id, first);
    } finally {
      atATime -= 1;
      for (const [id] of versions) running.set(id, (running.get(id) ?? 1) - 1);
    }
  };
  const server = await serve(options.dimension, apply, options.credentials);
  return {
    ...server,
    points: seen.points,
    batches: seen.batches,
    overlaps: seen.overlaps,
    get bytes() {
      return seen.bytes;
    },
    get mostAtATime() {
      return seen.mostAtATime;
    },
  };
}

type Unary = handleUnaryCall<Buffer, Buffer>;

async function serve(
  dimension: number,
  apply: (bytes: Buffer) => Promise<void>,
  credentials = ServerCredentials.createInsecure(),
): Promise<{ address: string; close(): void }> {
  const info = toBinary(
    GetCollectionInfoResponseSchema,
    create(GetCollectionInfoResponseSchema, {
      result: {
        status: CollectionStatus.Green,
        config: {
          params: {
            vectorsConfig: {
              config: { case: 'params', value: { size: BigInt(dimension), distance: 1 } },
            },
          },
        },
      },
    }),
  );
  const done = toBinary(
    PointsOperationResponseSchema,
    create(PointsOperationResponseSchema, { result: { operationId: 1n, status: UpdateStatus.Completed } }),
  );
  const health = toBinary(HealthCheckReplySchema, create(HealthCheckReplySchema, { version: '1.18.3' }));
  const fixed =
    (reply: Uint8Array): Unary =>
    (_call, callback) =>
      callback(null, Buffer.from(reply));
  const upsert: Unary = (call, callback) => {
    apply(call.request).then(
      () => callback(null, Buffer.from(done)),
      (error: unknown) => {
        const code = error instanceof PeerFailureError ? error.code : status.UNKNOWN;
        callback({
          code,
          details: String(error instanceof Error ? error.message : error),
          metadata: new Metadata(),
        });
      },
    );
  };
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(
    {
      get: definition('/qdrant.Collections/Get'),
      upsert: definition('/qdrant.Points/Upsert'),
      health: definition('/qdrant.Qdrant/HealthCheck'),
    },
    { get: fixed(info), upsert, health: fixed(health) },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

const same = (bytes: Buffer): Buffer => bytes;

const definition = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

function idAndFirst(point: UpsertPoints['points'][number]): readonly [bigint, number] {
  const id = point.id?.pointIdOptions.case === 'num' ? point.id.pointIdOptions.value : -1n;
  const options = point.vectors?.vectorsOptions;
  const vector = options?.case === 'vector' ? options.value : undefined;
  const first =
    vector?.vector.case === 'dense' ? vector.vector.value.data[0] : (vector?.data[0] ?? Number.NaN);
  return [id, first ?? Number.NaN];
}
