import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { Status } from '../../src/gen/google/rpc/status.js';
import { UpsertSummary } from '../../src/gen/vectorgateway/v1/points.js';
import { IngestPointsResponse } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, readTypedError } from './clients.js';
import { streamMessage } from './upsert-stream-client.js';
import { lengthField, varintField } from './wire-bytes.js';

/** How an ingest ended for its caller. */
export interface IngestEnd {
  readonly code: number;
  readonly message: string;
  readonly reason: string | undefined;
  readonly field: string | undefined;
  /** From the last reply, or from the details of the error. */
  readonly summary: UpsertSummary | undefined;
}

export interface OpenIngest {
  readonly replies: readonly IngestPointsResponse[];
  /** Resolves when the message has left, or the call is over. */
  send(message: Buffer): Promise<void>;
  end(): void;
  cancel(): void;
  /** The first reply for which this holds, also of those to come; rejects when the call ends without. */
  reply(what: string, holds: (reply: IngestPointsResponse) => boolean): Promise<IngestPointsResponse>;
  /** Resolves when more than `count` replies have come. */
  more(count: number): Promise<void>;
  readonly ended: Promise<IngestEnd>;
}

export class IngestClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
    });
  }

  open(tenant = '42', key?: string): OpenIngest {
    const path = '/vectorgateway.v1.PointsService/IngestPoints';
    const call = this.#client.makeBidiStreamRequest(path, same, same, asTenant(tenant, key));
    return follow(call);
  }

  close(): void {
    this.#client.close();
  }
}

function follow(call: ClientDuplexStream<Buffer, Buffer>): OpenIngest {
  const replies: IngestPointsResponse[] = [];
  const watchers = new Set<() => void>();
  let failure: ServiceError | undefined;
  call.on('data', (bytes: Buffer) => {
    replies.push(IngestPointsResponse.decode(bytes));
    for (const watcher of watchers) watcher();
  });
  call.on('error', (error: ServiceError) => {
    failure = error;
  });
  const ended = new Promise<IngestEnd>((resolve) => {
    call.on('status', () => setImmediate(() => resolve(endOf(failure, replies.at(-1)?.summary))));
  });
  return {
    replies,
    // A write after the end of the call never calls back.
    send: (message) =>
      Promise.race([
        new Promise<void>((resolve) => call.write(message, () => resolve())),
        ended.then(() => undefined),
      ]),
    end: () => call.end(),
    cancel: () => call.cancel(),
    reply: (what, holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = replies.find(holds);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
        void ended.then((end) => reject(new Error(`no reply with ${what}: ${JSON.stringify(end.message)}`)));
      }),
    more: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (replies.length <= count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    ended,
  };
}

function endOf(error: ServiceError | undefined, summary: UpsertSummary | undefined): IngestEnd {
  if (error === undefined) return { code: 0, message: '', reason: undefined, field: undefined, summary };
  const [details] = error.metadata.get('grpc-status-details-bin');
  const status = Buffer.isBuffer(details) ? Status.decode(details) : undefined;
  const detail = status?.details.find(({ typeUrl }) => typeUrl.endsWith('/vectorgateway.v1.UpsertSummary'));
  const typed = readTypedError(error.metadata);
  return {
    code: error.code,
    message: error.details,
    reason: typed?.reason,
    field: typed?.violations[0]?.field,
    summary: detail === undefined ? undefined : UpsertSummary.decode(detail.value),
  };
}

/** An encoded IngestPointsRequest. */
export function ingestMessage(
  sequence: number | bigint,
  points: readonly Buffer[],
  { collection, session }: { collection?: string; session?: string } = {},
): Buffer {
  const more = session === undefined ? [] : [lengthField(1003, session)];
  return streamMessage(points, collection, varintField(1002, sequence), ...more);
}

const same = (bytes: Buffer): Buffer => bytes;
