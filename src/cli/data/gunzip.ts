import { createGunzip, type Gunzip } from 'node:zlib';
import { DamagedSourceError, SourceError } from './row.js';

// So much at a time: a byte can stand for a thousand, and what comes out is held until it is taken.
const pieceBytes = 16 * 1024;

export function looksGzipped(start: Buffer): boolean {
  return start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b;
}

/** Everything that can be unpacked is given before SourceError tells where the archive breaks off. */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const unpacker = new Unpacker();
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        yield* await unpacker.write(chunk.subarray(at, at + pieceBytes));
        unpacker.throwIfBroken();
      }
    }
    yield* await unpacker.end();
    unpacker.throwIfBroken();
  } finally {
    unpacker.close();
  }
}

// A stream that fails drops what it holds: its output is taken out as it comes, before the failure can be met.
class Unpacker {
  readonly #gunzip: Gunzip = createGunzip();
  #out: Buffer[] = [];
  #outBytes = 0;
  #failure: Error | undefined;

  constructor() {
    this.#gunzip.on('data', (chunk: Buffer) => {
      this.#out.push(chunk);
      this.#outBytes += chunk.length;
    });
    this.#gunzip.on('error', (error) => {
      this.#failure = error;
    });
  }

  write(piece: Buffer): Promise<Buffer[]> {
    return this.#after((done) => this.#gunzip.write(piece, done));
  }

  end(): Promise<Buffer[]> {
    return this.#after((done) => this.#gunzip.once('end', done).end());
  }

  throwIfBroken(): void {
    if (this.#failure === undefined) return;
    const isCut = 'code' in this.#failure && this.#failure.code === 'Z_BUF_ERROR';
    if (isCut) throw new SourceError(`the gzip data breaks off after ${this.#outBytes} unpacked bytes`);
    const what = `the gzip data is damaged (${this.#failure.message}), at or before byte ${this.#outBytes} unpacked`;
    throw new DamagedSourceError(what);
  }

  close(): void {
    this.#gunzip.destroy();
  }

  async #after(start: (done: () => void) => void): Promise<Buffer[]> {
    if (this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        // What fails calls back nobody.
        this.#gunzip.once('error', resolve);
        start(() => {
          this.#gunzip.off('error', resolve);
          resolve();
        });
      });
    }
    const out = this.#out;
    this.#out = [];
    return out;
  }
}
