import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { ErrorInfo } from '../../src/gen/google/rpc/error_details.js';
import {
  QueryPointsRequest,
  SearchPointsRequest,
  StreamSearchPointsRequest,
  StreamSearchPointsResponse,
} from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, readTypedError } from './clients.js';

/** How a stream of searches ended for its caller. */
export interface SearchStreamEnd {
  readonly code: number;
  readonly reason: string | undefined;
}

export interface OpenSearchStream {
  /** In the order in which they came. */
  readonly replies: readonly StreamSearchPointsResponse[];
  send(message: Buffer): void;
  end(): void;
  cancel(): void;
  /** The reply with this id, also when it is still to come; rejects when the stream ends without. */
  reply(id: string): Promise<StreamSearchPointsResponse>;
  readonly ended: Promise<SearchStreamEnd>;
}

export class SearchStreamClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  open(tenant = '42'): OpenSearchStream {
    const path = '/vectorgateway.v1.PointsService/StreamSearchPoints';
    return follow(this.#client.makeBidiStreamRequest(path, same, same, asTenant(tenant)));
  }

  close(): void {
    this.#client.close();
  }
}

function follow(call: ClientDuplexStream<Buffer, Buffer>): OpenSearchStream {
  const replies: StreamSearchPointsResponse[] = [];
  const watchers = new Set<() => void>();
  let failure: ServiceError | undefined;
  call.on('data', (bytes: Buffer) => {
    replies.push(StreamSearchPointsResponse.decode(bytes));
    for (const watcher of watchers) watcher();
  });
  call.on('error', (error: ServiceError) => {
    failure = error;
  });
  const ended = new Promise<SearchStreamEnd>((resolve) => {
    call.on('status', ({ code }) =>
      setImmediate(() => resolve({ code, reason: failure && readTypedError(failure.metadata)?.reason })),
    );
  });
  return {
    replies,
    send: (message) => call.write(message),
    end: () => call.end(),
    cancel: () => call.cancel(),
    reply: (id) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = replies.find((reply) => reply.id === id);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
        void ended.then((end) => reject(new Error(`no reply ${id}: ${JSON.stringify(end)}`)));
      }),
    ended,
  };
}

/** An encoded message with a search in the collection `docs`. */
export function searchMessage(id: string, vector: readonly number[], fields: object = {}): Buffer {
  const value = SearchPointsRequest.fromPartial({ collection: 'docs', vector: [...vector], ...fields });
  return encode({ id, kind: { $case: 'search', value } });
}

export function queryMessage(id: string, fields: object): Buffer {
  const value = QueryPointsRequest.fromPartial({ collection: 'docs', ...fields });
  return encode({ id, kind: { $case: 'query', value } });
}

const encode = (message: StreamSearchPointsRequest): Buffer =>
  Buffer.from(StreamSearchPointsRequest.encode(message).finish());

/** The reason in the status of a reply; undefined for one that did not fail. */
export function reasonOf({ status }: StreamSearchPointsResponse): string | undefined {
  const info = status?.details.find(({ typeUrl }) => typeUrl.endsWith('/google.rpc.ErrorInfo'));
  return info && ErrorInfo.decode(info.value).reason;
}

const same = (bytes: Buffer): Buffer => bytes;
