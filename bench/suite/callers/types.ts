import type { EncodedPoints } from '../points.js';

/** Two messages of a caller's own: while one is under way in a stream, the other is made. */
export type Messages = readonly [EncodedPoints, EncodedPoints];

/** Whether a caller who sent so many points is done. Asked before each message but the first. */
export type IsDone = (points: number) => boolean;

/** A way to store points. */
export interface Writer {
  /** One caller, message after message until done. Resolves to the points that were confirmed. */
  write(isDone: IsDone, messages: Messages): Promise<number>;
  /** Calls so far that the caller's own connection did not take, and that were made again. */
  refusals?(): number;
  close(): void;
}

/** A way to search. */
export interface Searcher {
  /** One call; `index` says which vector. Resolves to the number of points found. */
  search(index: number): Promise<number>;
  close(): void;
}
