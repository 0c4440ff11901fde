import {
  Client,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../src/gen/google/rpc/error_details.js';
import { Status } from '../../src/gen/google/rpc/status.js';
import { CollectionsServiceClient } from '../../src/gen/vectorgateway/v1/collections_service.js';
import {
  PointsServiceClient,
  StreamSearchPointsResponse,
} from '../../src/gen/vectorgateway/v1/points_service.js';

const clientOptions: ClientOptions = {
  'grpc.enable_http_proxy': 0,
  // Each maker has a connection of its own, so that closing one does not end the calls of another.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
};

/** The generated clients on one address ("host:port"). */
export interface Clients {
  readonly collections: CollectionsServiceClient;
  readonly points: PointsServiceClient;
  close(): void;
}

export function connectClients(address: string, options: ClientOptions = {}): Clients {
  const all = { ...clientOptions, ...options };
  const collections = new CollectionsServiceClient(address, credentials.createInsecure(), all);
  const points = new PointsServiceClient(address, credentials.createInsecure(), all);
  return {
    collections,
    points,
    close: () => {
      collections.close();
      points.close();
    },
  };
}

/** Metadata from pairs; a name that is given twice is sent twice. */
export function metadataOf(...pairs: readonly (readonly [string, string])[]): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of pairs) metadata.add(name, value);
  return metadata;
}

export function asTenant(tenant: string, key?: string): Metadata {
  const metadata = metadataOf(['x-company-id', tenant]);
  if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);
  return metadata;
}

/** What came back of one call, as bytes and as the gateway's typed error. */
export interface Outcome {
  /** gRPC code. */
  readonly code: number;
  readonly message: string;
  readonly reply: Buffer | undefined;
  readonly headers: Metadata | undefined;
  readonly trailers: Metadata;
  readonly error: TypedError | undefined;
}

export interface TypedError {
  readonly reason: string;
  readonly info: ErrorInfo;
  readonly violations: BadRequest['fieldViolations'];
  readonly retryDelayMs: number | undefined;
}

/** Reads google.rpc.Status from trailers; undefined when there is none. */
export function readTypedError(trailers: Metadata): TypedError | undefined {
  const [bytes] = trailers.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) return undefined;
  const details = Status.decode(bytes).details;
  const find = (type: string) =>
    details.find(({ typeUrl }) => typeUrl === `type.googleapis.com/${type}`)?.value;
  const info = find('google.rpc.ErrorInfo');
  if (info === undefined) return undefined;
  const badRequest = find('google.rpc.BadRequest');
  const retryInfo = find('google.rpc.RetryInfo');
  const delay = retryInfo === undefined ? undefined : RetryInfo.decode(retryInfo).retryDelay;
  return {
    reason: ErrorInfo.decode(info).reason,
    info: ErrorInfo.decode(info),
    violations: badRequest === undefined ? [] : BadRequest.decode(badRequest).fieldViolations,
    retryDelayMs: delay === undefined ? undefined : Number(delay.seconds) * 1000 + delay.nanos / 1e6,
  };
}

type Definition = Pick<MethodDefinition<never, unknown>, 'path' | 'requestStream' | 'responseStream'>;

/** Calls RPCs with requests as bytes: what a client of any language, or an attacker, can send. */
export class RawClient {
  readonly #client: Client;

  constructor(address: string, options: ClientOptions = {}, channel = credentials.createInsecure()) {
    this.#client = new Client(address, channel, { ...clientOptions, ...options });
  }

  /** Never rejects: an error is an outcome. A client stream sends each of `messages`, another call the first. */
  call(
    definition: Definition,
    messages: Buffer | readonly Buffer[],
    metadata: Metadata,
    options: { timeoutMs?: number; keepOpen?: boolean } = {},
  ): Promise<Outcome> {
    const deadline = Date.now() + (options.timeoutMs ?? 10_000);
    const list = Buffer.isBuffer(messages) ? [messages] : messages;
    return new Promise((resolve) => {
      let outcome: { error: ServiceError | null; reply: Buffer | undefined } = {
        error: null,
        reply: undefined,
      };
      let headers: Metadata | undefined;
      const done = (error: ServiceError | null, reply?: Buffer): void => {
        outcome = { error, reply };
      };
      const call = this.#start(
        definition,
        list,
        metadata,
        { deadline, keepOpen: options.keepOpen === true },
        done,
      );
      call.on('metadata', (received) => {
        headers = received;
      });
      call.on('status', (status) => {
        // The callback runs in the same turn as the status, before or after it.
        setImmediate(() =>
          resolve(
            withInnerStatus(definition.path, {
              code: status.code,
              message: outcome.error?.details ?? status.details,
              reply: outcome.reply,
              headers,
              trailers: status.metadata,
              error: readTypedError(status.metadata),
            }),
          ),
        );
      });
    });
  }

  #start(
    { path, requestStream, responseStream }: Definition,
    messages: readonly Buffer[],
    metadata: Metadata,
    { deadline, keepOpen }: { deadline: number; keepOpen: boolean },
    done: (error: ServiceError | null, reply?: Buffer) => void,
  ) {
    const [first = empty] = messages;
    const client = this.#client;
    if (!requestStream) {
      return responseStream
        ? lastReply(client.makeServerStreamRequest(path, same, same, first, metadata, { deadline }), done)
        : client.makeUnaryRequest(path, same, same, first, metadata, { deadline }, done);
    }
    const call = responseStream
      ? lastReply(client.makeBidiStreamRequest(path, same, same, metadata, { deadline }), done)
      : client.makeClientStreamRequest(path, same, same, metadata, { deadline }, done);
    for (const message of messages) call.write(message);
    if (!keepOpen) call.end();
    return call;
  }

  close(): void {
    this.#client.close();
  }
}

/** A stream of searches tells the failure of one inside its reply: here it is the outcome. */
function withInnerStatus(path: string, outcome: Outcome): Outcome {
  if (!path.endsWith('/StreamSearchPoints') || outcome.reply === undefined) return outcome;
  const { status } = StreamSearchPointsResponse.decode(outcome.reply);
  if (status === undefined) return outcome;
  const details = new Metadata();
  details.set('grpc-status-details-bin', Buffer.from(Status.encode(status).finish()));
  return { ...outcome, code: status.code, message: status.message, error: readTypedError(details) };
}

/** Of a stream of replies the last one counts as the reply. */
function lastReply<Call extends ClientReadableStream<Buffer>>(
  call: Call,
  done: (error: ServiceError | null, reply?: Buffer) => void,
): Call {
  let last: Buffer | undefined;
  call.on('data', (reply: Buffer) => {
    last = reply;
  });
  call.on('error', (error: ServiceError) => done(error));
  call.on('end', () => done(null, last));
  return call;
}

const same = (bytes: Buffer): Buffer => bytes;
const empty = Buffer.alloc(0);
