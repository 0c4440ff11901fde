import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { UsageError } from '../usage-error.js';
import { gunzip, looksGzipped } from './gunzip.js';
import { type ReadProgress, SourceError } from './row.js';

/** By what a source is known again when a run goes on. */
export interface SourceIdentity {
  /** So many of its first bytes are looked at: 64 KiB of a file, the first line of a pipe. */
  readonly headBytes: number;
  readonly headSha256: string;
  /** Undefined for a pipe. */
  readonly sizeBytes?: number;
  readonly modifiedMs?: number;
}

const maxHeadBytes = 64 * 1024;

/** The bytes of a file or of stdin, unpacked where they are gzipped. */
export class ByteSource {
  readonly #stream: Readable;
  readonly #start: Start;
  readonly #rest: AsyncIterator<unknown>;
  #doneBytes = 0;
  #isStopped = false;
  readonly name: string;
  readonly identity: SourceIdentity;

  private constructor(name: string, stream: Readable, rest: AsyncIterator<unknown>, start: Start) {
    this.name = name;
    this.#stream = stream;
    this.#rest = rest;
    this.#start = start;
    this.identity = start.identity;
  }

  /** `path` "-" is stdin. Throws UsageError for a file that cannot be read. */
  static async open(path: string, stdin: Readable): Promise<ByteSource> {
    if (path === '-') {
      const rest: AsyncIterator<unknown> = stdin[Symbol.asyncIterator]();
      const head = await firstLine(rest);
      return new ByteSource('stdin', stdin, rest, {
        head,
        unread: head,
        identity: identityOf(upToLineEnd(head)),
      });
    }
    const { descriptor, start } = openFile(path);
    const stream = createReadStream(path, { fd: descriptor, start: 0, highWaterMark: 256 * 1024 });
    return new ByteSource(path, stream, stream[Symbol.asyncIterator](), start);
  }

  /** Whether it begins as a source did that may have been shorter. */
  beginsAs({ headBytes, headSha256 }: SourceIdentity): boolean {
    return identityOf(this.#start.head.subarray(0, headBytes)).headSha256 === headSha256;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  progress(): ReadProgress {
    return { doneBytes: this.#doneBytes, totalBytes: this.identity.sizeBytes };
  }

  /** Throws SourceError where the bytes break off. After stop() they just end. */
  async *bytes(): AsyncGenerator<Buffer, void, undefined> {
    const raw = this.#raw();
    const first = await raw.next();
    if (first.done === true) return;
    const chunks = prepend(first.value, raw);
    try {
      yield* looksGzipped(first.value) ? gunzip(chunks) : chunks;
    } catch (error) {
      if (this.#isStopped) return;
      throw error;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#stream.destroy();
  }

  async *#raw(): AsyncGenerator<Buffer, void, undefined> {
    const { unread } = this.#start;
    if (unread.length > 0) {
      this.#doneBytes += unread.length;
      yield unread;
    }
    for (;;) {
      const next = await this.#rest.next().catch((error: unknown) => {
        throw new SourceError(error instanceof Error ? error.message : String(error));
      });
      if (next.done === true) return;
      const chunk = bufferOf(next.value);
      this.#doneBytes += chunk.length;
      yield chunk;
    }
  }
}

interface Start {
  readonly head: Buffer;
  /** What of it was taken from the stream already. */
  readonly unread: Buffer;
  readonly identity: SourceIdentity;
}

function openFile(path: string): { descriptor: number; start: Start } {
  try {
    const descriptor = openSync(path, 'r');
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) {
      closeSync(descriptor);
      // A fifo has neither a size nor a beginning to come back to.
      throw new Error(
        stat.isDirectory() ? 'it is a folder' : 'it is no plain file; pipe it in and name it "-"',
      );
    }
    const buffer = Buffer.alloc(Math.min(maxHeadBytes, stat.size));
    const head = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0));
    const identity = { ...identityOf(head), sizeBytes: stat.size, modifiedMs: stat.mtimeMs };
    return { descriptor, start: { head, unread: Buffer.alloc(0), identity } };
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function firstLine(chunks: AsyncIterator<unknown>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < maxHeadBytes && !head.includes(10)) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, bufferOf(next.value)]);
  }
  return head;
}

function upToLineEnd(head: Buffer): Buffer {
  const end = head.subarray(0, maxHeadBytes).indexOf(10);
  return head.subarray(0, end < 0 ? maxHeadBytes : end);
}

async function* prepend(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  yield* rest;
}

function bufferOf(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}

function identityOf(head: Buffer): SourceIdentity {
  return { headBytes: head.length, headSha256: createHash('sha256').update(head).digest('hex') };
}
