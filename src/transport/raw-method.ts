import type { MethodDefinition } from '@grpc/grpc-js';

const identity = (bytes: Buffer): Buffer => bytes;

/** A method of grpc-js whose messages stay bytes; unary unless it is said to stream. */
export function rawMethod(
  path: string,
  { requestStream = false, responseStream = false } = {},
): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
}
