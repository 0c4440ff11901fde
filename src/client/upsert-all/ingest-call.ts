import type { ServiceError } from '@grpc/grpc-js';
import { IngestPointsRequest, IngestPointsResponse } from '../../gen/vectorgateway/v1/points_service.js';
import { fromServiceError, type VectorGatewayError } from '../client-error.js';
import type { BytesDuplex } from '../connection.js';
import { toWireOrdering, type WriteOrdering } from '../ordering.js';
import type { Message } from './message-source.js';

export interface IngestCallHooks {
  onReply(reply: IngestPointsResponse): void;
  /** The call takes more again, or is over. */
  onChange(): void;
}

/** One stream of IngestPoints. */
export class IngestCall {
  readonly #call: BytesDuplex;
  #hasRoom = true;
  #isOver = false;
  #hasEnded = false;
  #failure: VectorGatewayError | undefined;

  constructor(call: BytesDuplex, { onReply, onChange }: IngestCallHooks) {
    this.#call = call;
    call.on('data', (bytes: Buffer) => onReply(IngestPointsResponse.decode(bytes)));
    call.on('drain', () => {
      this.#hasRoom = true;
      onChange();
    });
    call.on('error', (error: ServiceError) => {
      this.#failure = fromServiceError(error);
    });
    // The event of an error comes in the same turn as the status, before or after it.
    call.on('status', () =>
      setImmediate(() => {
        this.#isOver = true;
        onChange();
      }),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  /** How it ended; undefined when it ended well. */
  get failure(): VectorGatewayError | undefined {
    return this.#failure;
  }

  send({ bytes }: Message, opening?: Opening): void {
    this.#hasRoom = this.#call.write(opening === undefined ? bytes : Buffer.concat([head(opening), bytes]));
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#call.end();
  }

  cancel(): void {
    this.#call.cancel();
  }
}

/** What only the first message of a stream says: the session that it continues, or the collection of a new one. */
export interface Opening {
  readonly collection: string;
  readonly session: string;
  readonly ordering: WriteOrdering | undefined;
}

function head({ collection, session, ordering }: Opening): Uint8Array {
  return IngestPointsRequest.encode({
    collection: session === '' ? collection : '',
    session,
    ordering: toWireOrdering(ordering),
    points: [],
    sequence: 0n,
  }).finish();
}
