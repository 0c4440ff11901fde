import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';

export type BytesCall = ServerUnaryCall<Buffer, Buffer>;
export type BytesReply = sendUnaryData<Buffer>;

/** A grpc-js server on 127.0.0.1 that answers these unary methods and decodes nothing; resolves to its address. */
export async function serveBytes(
  paths: readonly string[],
  handle: (path: string, call: BytesCall, reply: BytesReply) => void,
): Promise<string> {
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const service = Object.fromEntries(paths.map((path) => [path, definition(path)]));
  const handlers = Object.fromEntries(
    paths.map((path) => [path, (call: BytesCall, reply: BytesReply) => handle(path, call, reply)]),
  );
  server.addService(service, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return `127.0.0.1:${port}`;
}

export const same = (bytes: Buffer): Buffer => bytes;

const definition = (path: string): MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
