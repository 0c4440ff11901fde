import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { UsageError } from '../usage-error.js';
import type { RefusedRow } from './ledger.js';

const bufferCharacters = 64 * 1024;
const firstBytes = '{"row":';

/**
 * Rejected rows, a JSON object a line. It is there only when there are any. What lies behind `keptBytes` was written
 * after the last checkpoint, and belongs to rows that are judged again.
 */
export class RejectedFile {
  readonly path: string;
  readonly #keptBytes: number;
  #descriptor: number | undefined;
  #buffer = '';
  #bytes = 0;

  /** Throws UsageError when the path is another file's. */
  constructor(path: string, keptBytes: number) {
    this.path = path;
    this.#keptBytes = keptBytes;
    refuseForeign(path);
    if (keptBytes > 0) this.#open();
    else rmSync(path, { force: true });
  }

  add({ row, line, id, refusal, raw }: RefusedRow): void {
    const { reason, message } = refusal;
    const shownId = typeof id === 'bigint' ? String(id) : id;
    this.#buffer += `${JSON.stringify({ row, line, id: shownId, reason, message, raw })}\n`;
    if (this.#buffer.length > bufferCharacters) this.#write();
  }

  /** What was added is on disk. Returns the length of the file. */
  sync(): number {
    if (this.#buffer === '') return this.#bytes;
    this.#write();
    if (this.#descriptor !== undefined) fsyncSync(this.#descriptor);
    return this.#bytes;
  }

  remove(): void {
    this.#buffer = '';
    rmSync(this.path, { force: true });
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(): void {
    const bytes = Buffer.from(this.#buffer);
    const descriptor = this.#open();
    for (let at = 0; at < bytes.length; )
      at += writeSync(descriptor, bytes, at, bytes.length - at, this.#bytes + at);
    this.#bytes += bytes.length;
    this.#buffer = '';
  }

  #open(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    const descriptor = openSync(this.path, existsSync(this.path) ? 'r+' : 'w');
    this.#descriptor = descriptor;
    const { size } = fstatSync(descriptor);
    if (size < this.#keptBytes) {
      throw new UsageError(`${this.path} is shorter than the unfinished run left it: it cannot be continued`);
    }
    ftruncateSync(descriptor, this.#keptBytes);
    this.#bytes = this.#keptBytes;
    return descriptor;
  }
}

/** A slip in a flag must not cost a file of data. */
function refuseForeign(path: string): void {
  if (!existsSync(path)) return;
  const descriptor = openSync(path, 'r');
  try {
    const start = Buffer.alloc(firstBytes.length);
    const read = readSync(descriptor, start, 0, start.length, 0);
    if (read === 0 || start.toString('utf8', 0, read) === firstBytes) return;
  } finally {
    closeSync(descriptor);
  }
  throw new UsageError(
    `${path} is no file of rejected rows; it is not overwritten (--rejected names another)`,
  );
}
