import type { CheckedPoint } from '../../wire/index.js';
import type { IncomingMessage } from './types.js';

/** A message whose bytes are held until every batch that has points of it is answered. */
export class HeldMessage {
  readonly #message: IncomingMessage;
  #holders = 1;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  hold(): void {
    this.#holders += 1;
  }

  drop(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#message.release();
  }
}

/**
 * Points of one write, the last version of each id only. It covers a contiguous range of stream indexes: also of
 * points that were refused on the way, so that ranges of batches leave no gaps.
 */
export class Batch {
  readonly first: number;
  /** Inclusive; first - 1 while nothing is covered. */
  last: number;
  /** Good points that came, versions that a later one replaced included. */
  received = 0;
  /** Of all versions: what is replaced still holds its message. */
  bytes = 0;
  readonly #points = new Map<string, CheckedPoint>();
  readonly #messages = new Set<HeldMessage>();

  constructor(first: number) {
    this.first = first;
    this.last = first - 1;
  }

  get isEmpty(): boolean {
    return this.received === 0;
  }

  /** The canonical ids. */
  get keys(): Iterable<string> {
    return this.#points.keys();
  }

  points(): CheckedPoint[] {
    return [...this.#points.values()];
  }

  add(point: CheckedPoint, message: HeldMessage): void {
    this.#points.set(point.key, point);
    if (!this.#messages.has(message)) {
      this.#messages.add(message);
      message.hold();
    }
    this.received += 1;
    this.bytes += point.encodedBytes + recordOverheadBytes;
    this.last += 1;
  }

  /** Covers a point that was refused. */
  skip(): void {
    this.last += 1;
  }

  /** Lets go of the messages; the batch is answered, or will never be sent. */
  release(): void {
    for (const message of this.#messages) message.drop();
    this.#messages.clear();
    this.#points.clear();
  }
}

// Tag and length of a point inside the request.
const recordOverheadBytes = 5;
