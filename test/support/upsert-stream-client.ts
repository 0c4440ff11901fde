import { type CallOptions, Client, type ClientOptions, credentials, type ServiceError } from '@grpc/grpc-js';
import { Status } from '../../src/gen/google/rpc/status.js';
import { UpsertSummary } from '../../src/gen/vectorgateway/v1/points.js';
import { StreamUpsertPointsResponse } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, readTypedError } from './clients.js';
import { lengthField, varintField } from './wire-bytes.js';

/** How a stream ended for its caller. */
export interface StreamEnd {
  readonly code: number;
  readonly message: string;
  readonly reason: string | undefined;
  /** From the reply, or from the details of the error. */
  readonly summary: UpsertSummary | undefined;
}

export interface OpenStream {
  /** Resolves when the message has left, or the call is over. */
  send(message: Buffer): Promise<void>;
  end(): void;
  cancel(): void;
  readonly ended: Promise<StreamEnd>;
}

export interface StreamClient {
  open(options?: CallOptions): OpenStream;
  /** All messages, and the end of the stream. */
  run(messages: Iterable<Buffer>, options?: CallOptions): Promise<StreamEnd>;
  close(): void;
}

export function connectStreamClient(
  address: string,
  tenant = '42',
  options: ClientOptions = {},
  key?: string,
): StreamClient {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
    ...options,
  });
  const open = (callOptions: CallOptions = {}): OpenStream => {
    let settle: (end: StreamEnd) => void = () => undefined;
    const ended = new Promise<StreamEnd>((resolve) => {
      settle = resolve;
    });
    const call = client.makeClientStreamRequest(
      '/vectorgateway.v1.PointsService/StreamUpsertPoints',
      same,
      same,
      asTenant(tenant, key),
      callOptions,
      (error: ServiceError | null, reply?: Buffer) => settle(readEnd(error, reply)),
    );
    return {
      // A write after the end of the call never calls back.
      send: (message) =>
        Promise.race([
          new Promise<void>((resolve) => call.write(message, () => resolve())),
          ended.then(),
        ]).then(() => undefined),
      end: () => call.end(),
      cancel: () => call.cancel(),
      ended,
    };
  };
  return {
    open,
    run: async (messages, callOptions) => {
      const stream = open(callOptions);
      let isOver = false;
      void stream.ended.then(() => {
        isOver = true;
      });
      for (const message of messages) {
        if (isOver) break;
        await stream.send(message);
      }
      stream.end();
      return stream.ended;
    },
    close: () => client.close(),
  };
}

function readEnd(error: ServiceError | null, reply: Buffer | undefined): StreamEnd {
  if (error === null) {
    const { summary } = StreamUpsertPointsResponse.decode(reply ?? Buffer.alloc(0));
    return { code: 0, message: '', reason: undefined, summary };
  }
  const [details] = error.metadata.get('grpc-status-details-bin');
  const status = Buffer.isBuffer(details) ? Status.decode(details) : undefined;
  const detail = status?.details.find(({ typeUrl }) => typeUrl.endsWith('/vectorgateway.v1.UpsertSummary'));
  return {
    code: error.code,
    message: error.details,
    reason: readTypedError(error.metadata)?.reason,
    summary: detail === undefined ? undefined : UpsertSummary.decode(detail.value),
  };
}

/** An encoded Point with a numeric id and a plain vector. */
export function pointBytes(id: number | bigint, vector: readonly number[]): Buffer {
  const floats = Buffer.from(Float32Array.from(vector).buffer);
  return Buffer.concat([lengthField(1, varintField(1, id)), lengthField(2, floats)]);
}

/** An encoded StreamUpsertPointsRequest. */
export function streamMessage(points: readonly Buffer[], collection?: string, ...more: Buffer[]): Buffer {
  const name = collection === undefined ? [] : [lengthField(1, collection)];
  return Buffer.concat([...name, ...points.map((point) => lengthField(3, point)), ...more]);
}

/** Messages of good points with the ids from `first` on; the first names the collection. */
export function* goodMessages(points: number, perMessage: number, first = 0): Generator<Buffer> {
  for (let at = 0; at < points; at += perMessage) {
    const count = Math.min(perMessage, points - at);
    const batch = Array.from({ length: count }, (_, index) => pointBytes(first + at + index, [1, 2, 3, 4]));
    yield streamMessage(batch, at === 0 ? 'docs' : undefined);
  }
}

const same = (bytes: Buffer): Buffer => bytes;
