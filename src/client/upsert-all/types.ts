import type { PointIdInput } from '../point-id.js';

export interface UpsertAllOptions {
  /** Messages that may be unsettled; the source is read no further then. Default: 32. */
  readonly window?: number;
  /** Points in a message, 1 to 10,000. Default: 256. A message with large points takes fewer. */
  readonly pointsPerMessage?: number;
  /** Aborting cancels the stream and rejects with the signal's reason. What was settled stays stored. */
  readonly signal?: AbortSignal;
  /** Called when points were settled, and when a stream broke. */
  readonly onProgress?: (progress: UpsertAllProgress) => void;
  /** Called once for each point that was refused. */
  readonly onRejected?: (rejection: UpsertRejection) => void;
  /** Streams that may break one after the other without a point settled between. Default: 20. */
  readonly maxReconnects?: number;
  /** The first wait before a stream is opened again is at most this long; it doubles from one to the next. Default: 100. */
  readonly backoffMs?: number;
  /** No wait is longer, unless the gateway asks for it. Default: 5,000. */
  readonly maxBackoffMs?: number;
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

const defaults = {
  window: 32,
  pointsPerMessage: 256,
  maxReconnects: 20,
  backoffMs: 100,
  maxBackoffMs: 5000,
} as const;
type NumberName = keyof typeof defaults;

/** Throws RangeError for a number with which nothing would move. */
export function settingsOf(options: UpsertAllOptions): Settings {
  const { window, pointsPerMessage, maxReconnects, backoffMs, maxBackoffMs } = {
    ...defaults,
    ...given(options),
  };
  const settings = { window, pointsPerMessage, maxReconnects, backoffMs, maxBackoffMs };
  for (const [name, value] of Object.entries(settings)) {
    const least = name === 'window' || name === 'pointsPerMessage' ? 1 : 0;
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`${name}: must be an integer from ${least}, not ${value}`);
    }
  }
  return { ...options, ...settings };
}

// An option that is present but undefined means its default.
function given(options: UpsertAllOptions): Partial<Record<NumberName, number>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
