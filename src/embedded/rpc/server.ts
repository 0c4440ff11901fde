import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Store } from '../engine/store.js';
import type { StoreLog } from '../options.js';
import { StoreStatus } from '../store-status.js';
import type { Handler } from './handler.js';
import { methodTable } from './methods.js';

export interface StoreServer {
  /** Takes no more calls and resolves when those in flight are answered. */
  close(): Promise<void>;
  /** Ends every connection and call now. */
  cutOff(): void;
}

const same = (bytes: Buffer): Buffer => bytes;

/** Serves Qdrant's protocol on a unix socket. Rejects when the socket cannot be bound. */
export async function serveStore(store: Store, socketPath: string, log: StoreLog): Promise<StoreServer> {
  const server = new Server({
    // grpc-js says RESOURCE_EXHAUSTED, which reads as "try later"; up to this size the answer is Qdrant's.
    'grpc.max_receive_message_length': 2 * store.limits.maxRequestBytes + 1024 * 1024,
    'grpc.max_send_message_length': -1,
  });
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [path, handler] of methodTable()) {
    definition[path] = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    implementation[path] = unary(store, handler, path, log);
  }
  server.addService(definition, implementation);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return {
    close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    cutOff: () => server.forceShutdown(),
  };
}

function unary(store: Store, handler: Handler, path: string, log: StoreLog): handleUnaryCall<Buffer, Buffer> {
  const limit = store.limits.maxRequestBytes;
  const answer = async (request: Buffer): Promise<Buffer> => {
    if (request.length > limit) throw tooLarge(request.length, limit);
    const reply = await handler(store, request);
    return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  };
  return (call, callback) => {
    answer(call.request).then(
      (reply) => callback(null, reply),
      (error: unknown) => callback(statusOf(error, path, log)),
    );
  };
}

const tooLarge = (found: number, limit: number): StoreStatus =>
  new StoreStatus(
    status.OUT_OF_RANGE,
    `Error, decoded message length too large: found ${found} bytes, the limit is: ${limit} bytes`,
  );

function statusOf(error: unknown, path: string, log: StoreLog) {
  if (error instanceof StoreStatus) {
    return { code: error.code, details: error.message, metadata: new Metadata() };
  }
  log('error', 'a call to the embedded store failed', {
    rpc: path,
    cause: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return { code: status.INTERNAL, details: 'Service internal error', metadata: new Metadata() };
}
