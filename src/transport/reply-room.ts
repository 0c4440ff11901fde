import { constants, type ServerHttp2Stream } from 'node:http2';

export interface ReplyRoomOptions {
  /** Of replies that callers have not read, in all. One alone is let through whatever its size. */
  readonly maxBytes: number;
  /** The time that a caller has to read one. */
  readonly limitMs: number;
}

/**
 * Replies on their way out. What a caller does not read stays in memory, also beyond its deadline, which grpc-js
 * no longer looks at once the reply is written: so they are bounded here, in bytes and in time.
 */
export class ReplyRoom {
  readonly #options: ReplyRoomOptions;
  #heldBytes = 0;

  constructor(options: ReplyRoomOptions) {
    this.#options = options;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Undefined: no room. Else the function to call when the reply has left; the end of the stream counts too. */
  admit(stream: ServerHttp2Stream, bytes: number): (() => void) | undefined {
    if (this.#heldBytes > 0 && this.#heldBytes + bytes > this.#options.maxBytes) return undefined;
    let isHeld = !stream.closed;
    if (!isHeld) return () => undefined;
    this.#heldBytes += bytes;
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), this.#options.limitMs);
    timer.unref();
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#heldBytes -= bytes;
      clearTimeout(timer);
      stream.removeListener('close', release);
    };
    stream.once('close', release);
    return release;
  }
}
