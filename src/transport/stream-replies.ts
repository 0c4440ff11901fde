import { setTimeout as sleep } from 'node:timers/promises';
import type { RawBidiStream } from './rpc-table.js';
import { drained } from './stream-room.js';

/** What is told to the caller of a stream on the way. Replies leave in order. */
export class StreamReplies {
  readonly #call: RawBidiStream;
  readonly #signal: AbortSignal;
  #lastWrite: Promise<void> = Promise.resolve();
  #unsentBytes = 0;

  constructor(call: RawBidiStream, signal: AbortSignal) {
    this.#call = call;
    this.#signal = signal;
  }

  /** Of replies that the caller has not made room for. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  send(reply: Buffer): void {
    // Who has gone hears nothing more.
    if (this.#call.cancelled || this.#call.destroyed) return;
    this.#unsentBytes += reply.length;
    this.#lastWrite = new Promise((resolve) => {
      this.#call.write(reply, () => {
        this.#unsentBytes -= reply.length;
        resolve();
      });
    });
  }

  /** Resolves when the caller has read enough for more replies; rejects when the call is over. */
  room(): Promise<void> {
    return this.#call.writableNeedDrain ? drained(this.#call, this.#signal) : Promise.resolve();
  }

  /** Resolves when all are written. Who does not read them is not waited for. */
  all(): Promise<void> {
    return Promise.race([this.#lastWrite, sleep(lastWordsMs, undefined, { ref: false })]);
  }
}

const lastWordsMs = 250;
