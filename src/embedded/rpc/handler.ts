import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { PointsOperationResponseSchema, UpdateStatus } from '@qdrant/js-client-grpc';
import type { Store } from '../engine/store.js';
import { StoreStatus } from '../store-status.js';

/** Answers one call: bytes in, bytes out. Rejects or throws StoreStatus for an answer that is not OK. */
export type Handler = (store: Store, request: Buffer) => Uint8Array | Promise<Uint8Array>;

/** Decodes a request; bytes that are none are answered as Qdrant answers them. */
export function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch {
    throw new StoreStatus(status.INTERNAL, 'failed to decode Protobuf message');
  }
}

export const encode = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Uint8Array =>
  toBinary(schema, create(schema, init));

/** Seconds since `startedAtMs` (performance.now()), as replies report them. */
export const secondsSince = (startedAtMs: number): number => (performance.now() - startedAtMs) / 1000;

let lastOperation = 0n;

/** The reply to a write. It is on disk either way; `wait` only chooses Qdrant's word for it. */
export function writeDone(wait: boolean | undefined, startedAtMs: number): Uint8Array {
  lastOperation += 1n;
  return encode(PointsOperationResponseSchema, {
    result: {
      operationId: lastOperation,
      status: wait === true ? UpdateStatus.Completed : UpdateStatus.Acknowledged,
    },
    time: secondsSince(startedAtMs),
  });
}
