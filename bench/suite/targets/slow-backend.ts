import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import {
  CollectionStatus,
  Distance,
  GetCollectionInfoResponseSchema,
  HealthCheckReplySchema,
  PointsOperationResponseSchema,
  UpdateStatus,
} from '@qdrant/js-client-grpc';
import { serveParent } from './child.js';
import { serveBytes } from './passing-server.js';

export interface SlowBackendInput {
  readonly dimension: number;
  readonly pointsPerSecond: number;
}

// Speaks as much of Qdrant's protocol as a stream of writes needs, knows every collection, and answers writes at a
// fixed rate however they are cut into batches.
serveParent(async ({ dimension, pointsPerSecond }: SlowBackendInput) => {
  let freeAtMs = 0;
  const replies = fixedReplies(dimension);
  return serveBytes([...replies.keys()], (path, call, reply) => {
    const bytes = replies.get(path) ?? Buffer.alloc(0);
    if (path !== upsertPath) return reply(null, bytes);
    const nowMs = performance.now();
    freeAtMs = Math.max(nowMs, freeAtMs) + (countPoints(call.request) * 1000) / pointsPerSecond;
    setTimeout(() => reply(null, bytes), freeAtMs - nowMs);
  });
});

const upsertPath = '/qdrant.Points/Upsert';

function fixedReplies(dimension: number): ReadonlyMap<string, Buffer> {
  const vectors = { case: 'params', value: { size: BigInt(dimension), distance: Distance.Cosine } } as const;
  const info = create(GetCollectionInfoResponseSchema, {
    result: {
      status: CollectionStatus.Green,
      config: { params: { vectorsConfig: { config: vectors } } },
    },
  });
  const done = create(PointsOperationResponseSchema, {
    result: { operationId: 1n, status: UpdateStatus.Completed },
  });
  const health = create(HealthCheckReplySchema, { version: '1.18.3' });
  return new Map([
    ['/qdrant.Collections/Get', Buffer.from(toBinary(GetCollectionInfoResponseSchema, info))],
    ['/qdrant.Qdrant/HealthCheck', Buffer.from(toBinary(HealthCheckReplySchema, health))],
    [upsertPath, Buffer.from(toBinary(PointsOperationResponseSchema, done))],
  ]);
}

/** Points are field 3 of the message; nothing else is read. */
function countPoints(request: Buffer): number {
  const reader = new BinaryReader(request);
  let count = 0;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 3) count += 1;
    reader.skip(type, field);
  }
  return count;
}
