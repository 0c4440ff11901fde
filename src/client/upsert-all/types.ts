import { toWireOrdering, type WriteOrdering } from '../ordering.js';
import type { PointIdInput } from '../point-id.js';
import { numbersOf, type ReconnectOptions, reconnectDefaults } from '../reconnect.js';

export interface UpsertAllOptions extends ReconnectOptions {
  /** Messages that may be unsettled; the source is read no further then. Default: 32. */
  readonly window?: number;
  /** Points in a message, 1 to 10,000. Default: 256. A message with large points takes fewer. */
  readonly pointsPerMessage?: number;
  /** Default: weak. */
  readonly ordering?: WriteOrdering;
  /** Aborting cancels the stream and rejects with the signal's reason. What was settled stays stored. */
  readonly signal?: AbortSignal;
  /** Called when points were settled, and when a stream broke. */
  readonly onProgress?: (progress: UpsertAllProgress) => void;
  /** Called once for each point that was refused. */
  readonly onRejected?: (rejection: UpsertRejection) => void;
}

export interface UpsertAllResult {
  /** Points that the source gave. */
  readonly received: number;
  /** Points that are stored and durable. */
  readonly upserted: number;
  /** Points that were refused. */
  readonly rejected: number;
  /** Streams that broke and were continued. */
  readonly reconnects: number;
}

export interface UpsertAllProgress extends UpsertAllResult {
  /** Points at the beginning of the source that are stored or refused: a later run may leave them out. */
  readonly settled: number;
}

/** A point that was refused, by the gateway or already here. */
export interface UpsertRejection {
  /** Position in the source, from 0. */
  readonly index: number;
  /** Where it could be read. */
  readonly id: PointIdInput | undefined;
  /** gRPC status code, as a call with this point alone would have ended. */
  readonly code: number;
  /** A reason of the gateway's list, such as VECTOR_NOT_FINITE; POINT_INVALID for a point that could not be sent. */
  readonly reason: string;
  readonly message: string;
}

/** Options with their defaults. */
export type Settings = Required<Pick<UpsertAllOptions, NumberName>> & UpsertAllOptions;

const defaults = { window: 32, pointsPerMessage: 256, ...reconnectDefaults } as const;
type NumberName = keyof typeof defaults;

/** Throws RangeError for a number with which nothing would move, TypeError for an ordering that does not exist. */
export function settingsOf(options: UpsertAllOptions): Settings {
  toWireOrdering(options.ordering);
  return { ...options, ...numbersOf(defaults, options, ['window', 'pointsPerMessage']) };
}
