import { Client, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { fromServiceError } from './client-error.js';
import {
  type CallOptions,
  type ClientOptions,
  type ConnectionOptions,
  connectionOptions,
} from './options.js';

/** A bidirectional call in bytes. */
export type BytesDuplex = ClientDuplexStream<Uint8Array, Buffer>;

/** One client's own connection to the gateway: requests and replies are bytes, failures are typed. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #client: Client;

  constructor(options: ClientOptions) {
    this.#options = connectionOptions(options);
    const { address, credentials, channelOptions } = this.#options;
    this.#client = new Client(address, credentials, channelOptions);
  }

  /** `path` is "/package.Service/Method". Rejects with VectorGatewayError or the signal's reason. */
  unary(path: string, request: Uint8Array, { signal, deadlineMs }: CallOptions = {}): Promise<Buffer> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const deadline = Date.now() + (deadlineMs ?? this.#options.deadlineMs);
    return new Promise((resolve, reject) => {
      const { metadata } = this.#options;
      const call = this.#client.makeUnaryRequest(
        path,
        asBuffer,
        sameBytes,
        request,
        metadata,
        { deadline },
        (error, reply) => {
          signal?.removeEventListener('abort', onAbort);
          if (error === null && reply !== undefined) resolve(reply);
          else if (error !== null) reject(fromServiceError(error));
        },
      );
      const onAbort = (): void => {
        reject(signal?.reason);
        call.cancel();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Replies of a server stream, read at the pace of the loop over them; leaving the loop cancels the call. */
  async *serverStream(
    path: string,
    request: Uint8Array,
    { signal }: CallOptions = {},
  ): AsyncGenerator<Buffer, void, undefined> {
    signal?.throwIfAborted();
    const { metadata } = this.#options;
    const call = this.#client.makeServerStreamRequest(path, asBuffer, sameBytes, request, metadata);
    // After the loop nobody else listens, and the end by cancel() is an error too.
    call.on('error', () => undefined);
    const onAbort = (): void => call.cancel();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for await (const reply of call) {
        signal?.throwIfAborted();
        yield reply;
      }
      signal?.throwIfAborted();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw isServiceError(error) ? fromServiceError(error) : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      call.cancel();
    }
  }

  /** The caller watches the signal, and the call's 'error' event. */
  duplex(path: string): BytesDuplex {
    return this.#client.makeBidiStreamRequest(path, asBuffer, sameBytes, this.#options.metadata);
  }

  close(): void {
    this.#client.close();
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}

const sameBytes = (bytes: Buffer): Buffer => bytes;
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
