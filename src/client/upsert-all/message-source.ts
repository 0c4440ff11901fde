import { setTimeout as sleep } from 'node:timers/promises';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Code } from '../../errors/index.js';
import { encodePoint, type PointInput } from '../point-codec.js';
import type { UpsertRejection } from './types.js';

/** An encoded IngestPointsRequest, without what only the first of a stream has. */
export interface Message {
  readonly sequence: bigint;
  readonly bytes: Uint8Array;
  /** For each point in it, its index in the source. */
  readonly indexes: readonly number[];
  /** Points that belong here but could not be encoded. */
  readonly refused: readonly UpsertRejection[];
  /** Index in the source of the point behind the last one here. */
  readonly end: number;
}

type PointIterator = Iterator<PointInput, unknown> | AsyncIterator<PointInput, unknown>;
type Pulled = IteratorResult<PointInput, unknown>;

// The size of the gateway's own batches. A window of larger ones would only cost memory.
const maxMessageBytes = 2 * 1024 * 1024;
/** A source that gives nothing for so long is not waited for with points in hand. */
const lingerMs = 50;

/** Makes messages of the points of a source, which it reads no further than it is asked. */
export class MessageSource {
  readonly #iterator: PointIterator;
  readonly #pointsPerMessage: number;
  #pull: Promise<Pulled> | undefined;
  #sequence = 0n;
  #received = 0;
  #hasEnded = false;

  constructor(source: Iterable<PointInput> | AsyncIterable<PointInput>, pointsPerMessage: number) {
    this.#iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#pointsPerMessage = pointsPerMessage;
  }

  /** Points that the source gave. */
  get received(): number {
    return this.#received;
  }

  /** Undefined after the last one. Rejects with what the source throws. */
  async next(): Promise<Message | undefined> {
    const draft = new Draft();
    const timer = new AbortController();
    let silence: Promise<undefined> | undefined;
    try {
      while (!this.#hasEnded && draft.points < this.#pointsPerMessage && draft.bytes < maxMessageBytes) {
        this.#pull ??= Promise.resolve(this.#iterator.next());
        const pulled = await (silence === undefined ? this.#pull : Promise.race([this.#pull, silence]));
        if (pulled === undefined) break;
        this.#pull = undefined;
        if (pulled.done === true) this.#hasEnded = true;
        else draft.add(pulled.value, this.#received++);
        silence ??= sleep(lingerMs, undefined, { signal: timer.signal }).catch(() => undefined);
      }
    } finally {
      timer.abort();
    }
    if (draft.points === 0) return undefined;
    this.#sequence += 1n;
    return draft.finish(this.#sequence, this.#received);
  }

  /** Lets the source go, as leaving a loop over it does; it is not waited for. */
  abandon(): void {
    if (this.#hasEnded) return;
    void (async () => this.#iterator.return?.())().catch(() => undefined);
  }
}

class Draft {
  readonly #writer = new BinaryWriter();
  readonly #indexes: number[] = [];
  readonly #refused: UpsertRejection[] = [];
  bytes = 0;

  get points(): number {
    return this.#indexes.length + this.#refused.length;
  }

  add(point: PointInput, index: number): void {
    let encoded: Uint8Array;
    try {
      encoded = encodePoint(point);
    } catch (error) {
      // One bad point must not end a long job, whoever notices it.
      if (!(error instanceof TypeError)) throw error;
      const { message } = error;
      this.#refused.push({
        index,
        id: point?.id,
        code: Code.INVALID_ARGUMENT,
        reason: 'POINT_INVALID',
        message,
      });
      return;
    }
    this.#writer.uint32(26).bytes(encoded);
    this.#indexes.push(index);
    this.bytes += encoded.length;
  }

  finish(sequence: bigint, end: number): Message {
    // Field 1002: a message's number stays when it is sent again.
    this.#writer.uint32(1002 * 8).uint64(sequence);
    return { sequence, bytes: this.#writer.finish(), indexes: this.#indexes, refused: this.#refused, end };
  }
}
