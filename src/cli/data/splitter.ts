/** A line, or a record of a CSV file, without its line end. */
export interface Piece {
  /** Number of the line where it begins, from 1. */
  readonly line: number;
  /** Empty when it was longer than allowed: it is not held then. */
  readonly bytes: Buffer;
  /** How long it was, when it was longer than allowed. */
  readonly tooLongBytes?: number;
  /** The source ended in it, without a line end. */
  readonly isCut?: boolean;
}

/** Finds where the piece that goes on in `chunk` at `from` ends: the place of its "\n", or -1. */
export interface EndFinder {
  next(chunk: Buffer, from: number): number;
  /** A piece was given up: what follows the next "\n" begins anew. */
  reset(): void;
}

export const lineEnds: EndFinder = {
  next: (chunk, from) => chunk.indexOf(10, from),
  reset: () => undefined,
};

/** Cuts bytes into pieces. Of a piece that is too long only the length is held. Pieces without bytes are left out. */
export class Splitter {
  readonly #maxBytes: number;
  readonly #ends: EndFinder;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #line: number;
  #lineAfter: number;

  constructor(maxBytes: number, ends: EndFinder = lineEnds, firstLine = 1) {
    this.#maxBytes = maxBytes;
    this.#ends = ends;
    this.#line = firstLine;
    this.#lineAfter = firstLine;
  }

  push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    while (from < chunk.length) {
      const isLost = this.#heldBytes > this.#maxBytes;
      const end = isLost ? chunk.indexOf(10, from) : this.#ends.next(chunk, from);
      this.#hold(chunk.subarray(from, end < 0 ? chunk.length : end + 1));
      if (end < 0) break;
      if (isLost) this.#ends.reset();
      this.#finish(pieces, false);
      from = end + 1;
    }
    return pieces;
  }

  end(): Piece[] {
    const pieces: Piece[] = [];
    if (this.#heldBytes > 0) this.#finish(pieces, true);
    return pieces;
  }

  #hold(part: Buffer): void {
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) this.#lineAfter += 1;
    this.#heldBytes += part.length;
    // The line end does not count.
    if (this.#heldBytes > this.#maxBytes + 2) this.#held = [];
    else this.#held.push(part);
  }

  #finish(pieces: Piece[], isCut: boolean): void {
    const [line, heldBytes] = [this.#line, this.#heldBytes];
    const bytes = withoutLineEnd(this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held));
    this.#held = [];
    this.#heldBytes = 0;
    this.#line = this.#lineAfter;
    const isTooLong = heldBytes > this.#maxBytes + 2 || bytes.length > this.#maxBytes;
    if (isTooLong) pieces.push({ line, bytes: Buffer.alloc(0), tooLongBytes: heldBytes, isCut });
    else if (!isBlank(bytes)) pieces.push({ line, bytes, isCut });
  }
}

export function withoutLineEnd(bytes: Buffer = Buffer.alloc(0)): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === 10) end -= 1;
  if (bytes[end - 1] === 13) end -= 1;
  return bytes.subarray(0, end);
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 9) return false;
  return true;
}
