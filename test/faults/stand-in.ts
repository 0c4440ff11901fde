import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  CollectionStatus,
  CountResponseSchema,
  GetCollectionInfoResponseSchema,
  PointsOperationResponseSchema,
  QdrantClient,
  UpdateStatus,
} from '@qdrant/js-client-grpc';
import { PointsServiceService } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, type Outcome, RawClient } from '../support/clients.js';
import {
  type Http2Peer,
  type Http2PeerOptions,
  type PeerCall,
  startHttp2Peer,
} from '../support/http2-peer.js';
import { pointBytes } from '../support/upsert-stream-client.js';
import { lengthField } from '../support/wire-bytes.js';

/**
 * A stand-in for Qdrant that has every collection, of 4 floats; what becomes of calls about points is up to the
 * test. `peer.calls` has them all.
 */
export function startStandIn(
  onPoints: (call: PeerCall) => void = answer,
  options: Omit<Http2PeerOptions, 'onCall'> = {},
): Promise<Http2Peer> {
  const onCall = (call: PeerCall): void => {
    if (call.method === 'Collections/Get') call.reply(description);
    else if (call.method.startsWith('Points/')) onPoints(call);
    else call.reply();
  };
  return startHttp2Peer({ ...options, onCall });
}

/** What a Qdrant in order answers. */
export function answer(call: PeerCall): void {
  call.reply(call.method === 'Points/Count' ? count : done);
}

export const pointCalls = (peer: Http2Peer): PeerCall[] =>
  peer.calls.filter(({ method }) => method.startsWith('Points/'));

/** A caller of the gateway's public API. */
export interface Caller {
  /** Reads from the collection `docs`. Never rejects. */
  read(options?: CallerOptions): Promise<Outcome>;
  /** Writes one point into `docs`. Never rejects. */
  write(options?: CallerOptions): Promise<Outcome>;
  close(): void;
}

export interface CallerOptions {
  readonly tenant?: string;
  readonly timeoutMs?: number;
}

export function connectCaller(address: string): Caller {
  const client = new RawClient(address);
  return {
    read: ({ tenant = '42', timeoutMs = 10_000 } = {}) =>
      client.call(PointsServiceService.countPoints, countRequest, asTenant(tenant), { timeoutMs }),
    write: ({ tenant = '42', timeoutMs = 10_000 } = {}) =>
      client.call(PointsServiceService.upsertPoints, upsertRequest, asTenant(tenant), { timeoutMs }),
    close: () => client.close(),
  };
}

/** The status of one call by Qdrant's own client, without anything of ours. */
export async function bareCode(address: string): Promise<number> {
  const [host = '', port = ''] = address.split(':');
  const client = new QdrantClient({ host, port: Number(port), checkCompatibility: false });
  try {
    await client.api('points').count({ collectionName: 'docs' });
    return 0;
  } catch (error) {
    return codeOf(error);
  }
}

/** The status of an error of any client; throws what is none. */
export function codeOf(error: unknown): number {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') return error.code;
  throw error;
}

/** What it resolves to, and how long it took. */
export async function timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly tookMs: number }> {
  const startedAtMs = performance.now();
  const result = await work;
  return { result, tookMs: performance.now() - startedAtMs };
}

/**
 * Nine calls, three at a time, end with DEADLINE_EXCEEDED when their time is over. The fastest tells how well the
 * deadline is kept, the slowest how busy the machine is.
 */
export async function expectAtDeadline<T extends { readonly code: number }>(
  timeoutMs: number,
  call: (timeoutMs: number) => Promise<T>,
): Promise<T[]> {
  const outcomes: { readonly result: T; readonly tookMs: number }[] = [];
  for (let round = 0; round < 3; round += 1) {
    const three = Array.from({ length: 3 }, () => timed(call(timeoutMs)));
    outcomes.push(...(await Promise.all(three)));
  }
  for (const { result } of outcomes) expect(result.code).toBe(4);
  const tookMs = outcomes.map((outcome) => outcome.tookMs);
  expect(Math.abs(Math.min(...tookMs) - timeoutMs)).toBeLessThanOrEqual(50);
  expect(Math.max(...tookMs)).toBeLessThanOrEqual(timeoutMs + 1_000);
  return outcomes.map(({ result }) => result);
}

const countRequest = lengthField(1, 'docs');
const upsertRequest = Buffer.concat([countRequest, lengthField(3, pointBytes(1, [1, 2, 3, 4]))]);

function bytesOf<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, init));
}

const vectorsConfig = { config: { case: 'params' as const, value: { size: 4n, distance: 1 } } };
const description = bytesOf(GetCollectionInfoResponseSchema, {
  result: { status: CollectionStatus.Green, config: { params: { vectorsConfig } } },
});
const count = bytesOf(CountResponseSchema, { result: { count: 1n } });
const done = bytesOf(PointsOperationResponseSchema, {
  result: { operationId: 1n, status: UpdateStatus.Completed },
});
