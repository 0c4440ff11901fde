import type { CallContext } from '../../backend/index.js';
import type { GatewayError, Reason } from '../../errors/index.js';

/** The way back to the caller. */
export interface SearchReplies {
  /** Answers a search: with encoded results, `repeated ScoredPoint` in field 1, or with its failure. */
  send(id: string, outcome: Uint8Array | GatewayError): void;
  /** Resolves when the caller has read enough for more searches; rejects when the call is over. */
  room(): Promise<void>;
}

export interface StreamSearchOptions {
  /** Most searches at a time. */
  readonly searchesInFlight: number;
  /** The time of each. */
  readonly searchDeadlineMs: number;
  /** The caller's silence, with nothing under way, that ends the stream. */
  readonly idleMs: number;
  /** How long a stream that stops for this reason waits for its searches under way. */
  readonly finishMs: (reason: Reason) => number;
  /** Told of a throw that nobody expected; its search is answered with INTERNAL. */
  readonly onFault: (error: unknown) => void;
}

/** Makes one search of an encoded StreamSearchPointsRequest. */
export type MakeSearch = (message: Uint8Array, context: CallContext) => Promise<Uint8Array>;
