/**
 * Follows the frames of gRPC messages in the bytes of a stream: how large the next message will be is known from its
 * first five bytes, long before grpc-js shows the message, and whether the last one is whole only here.
 */
export class MessageFrames {
  readonly #onMessage: (contentBytes: number, isCompressed: boolean) => void;
  readonly #prefix = Buffer.alloc(prefixBytes);
  #prefixFilled = 0;
  #contentLeft = 0;
  #completed = 0;

  /** `onMessage` is told of each message when its first five bytes are there. */
  constructor(onMessage: (contentBytes: number, isCompressed: boolean) => void) {
    this.#onMessage = onMessage;
  }

  /** Messages that have arrived whole. */
  get completed(): number {
    return this.#completed;
  }

  /** Nothing of a further message has arrived. */
  get isBetweenMessages(): boolean {
    return this.#prefixFilled === 0;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#prefixFilled < prefixBytes) {
        const copied = chunk.copy(this.#prefix, this.#prefixFilled, at);
        at += copied;
        this.#prefixFilled += copied;
        if (this.#prefixFilled < prefixBytes) return;
        this.#contentLeft = this.#prefix.readUInt32BE(1);
        this.#onMessage(this.#contentLeft, this.#prefix[0] === 1);
      } else {
        const taken = Math.min(this.#contentLeft, chunk.length - at);
        at += taken;
        this.#contentLeft -= taken;
      }
      if (this.#contentLeft === 0) {
        this.#prefixFilled = 0;
        this.#completed += 1;
      }
    }
  }
}

// One byte that says whether the message is compressed, four of its length.
const prefixBytes = 5;
