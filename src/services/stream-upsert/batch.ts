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

/** A point to send, and its index in the stream. */
export interface BatchEntry {
  readonly point: CheckedPoint;
  readonly index: number;
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
  readonly #entries = new Map<string, BatchEntry>();
  readonly #messages = new Set<HeldMessage>();

  constructor(first: number) {
    this.first = first;
    this.last = first - 1;
  }

  get isEmpty(): boolean {
    return this.received === 0;
  }

  /** Whether it covers any point at all, good or refused. */
  get covers(): boolean {
    return this.last >= this.first;
  }

  /** The canonical ids. */
  get keys(): Iterable<string> {
    return this.#entries.keys();
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  entries(): BatchEntry[] {
    return [...this.#entries.values()];
  }

  add(point: CheckedPoint, message: HeldMessage): void {
    this.#entries.set(point.key, { point, index: this.last + 1 });
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
    this.#entries.clear();
  }
}

// Tag and length of a point inside the request.
const recordOverheadBytes = 5;
