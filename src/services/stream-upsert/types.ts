import type { CallContext } from '../../backend/index.js';
import type { Reason } from '../../errors/index.js';
import type { RejectedPoint } from '../../wire/index.js';
import type { StreamTarget } from '../stream-target.js';

/** One message of the caller. Its bytes count as held until they are released. */
export interface IncomingMessage {
  readonly bytes: Uint8Array;
  release(): void;
}

/**
 * The caller's messages in order. The iteration ends only when the caller ended the stream in good order, and throws
 * when it was torn: there is no third way out.
 */
export interface IncomingMessages extends AsyncIterable<IncomingMessage> {
  /** Reading waits for the gateway itself (its bound on bytes), so the caller's silence is not the caller's. */
  readonly isHeldBack: boolean;
}

export interface StreamUpsertOptions {
  /** Most points and most bytes in a batch, and most batches at a time. */
  readonly batchPoints: number;
  readonly batchBytes: number;
  readonly batchesInFlight: number;
  /** Whether points and batches follow how soon the backend answers; otherwise they are what they are at most. */
  readonly tunesBatches: boolean;
  /** The caller's silence that ends the stream. */
  readonly idleMs: number;
  /** The caller's silence after which a batch that is not full is sent. */
  readonly lingerMs: number;
  /** The least time between the end of the messages and the summary, in which a reset may still come. */
  readonly quietMs: number;
  /** How long a stream that stops for this reason waits for its batches in flight, so that its summary is true. */
  readonly finishMs: (reason: Reason) => number;
  /** Epoch ms until which batches in flight may go on; a little beyond the deadline of the stream itself. */
  readonly sendDeadlineAtMs: number;
}

/** What a kind of stream adds to the common way. */
export interface StreamHooks {
  /** Before a message is looked at; false passes it over. Throws what ends the stream. */
  admit(message: Uint8Array, collection: string | undefined): Promise<boolean>;
  /** The collection where the message does not name it. */
  readonly collection: string | undefined;
  /** A message was checked; its points have the stream indexes from `firstIndex` on. */
  accepted(firstIndex: number, points: number, rejected: readonly RejectedPoint[]): void;
  /** Every point up to this stream index is durable or refused. */
  settled(durableThrough: number): void;
  /** The backend refused this point alone; its index is that of the stream. */
  refused(point: RejectedPoint): void;
}

export type OpenTarget = (collection: string, context: CallContext) => Promise<StreamTarget>;
