import { readFile, stat } from 'node:fs/promises';
import { IdentityFileError } from './identity-file-error.js';

/** Told what becomes of a file that is watched. */
export interface FileHooks {
  /** It changed, or is good again. */
  readonly onReload: () => void;
  /** The file cannot be used, so what it said before stays in force. Told again while that lasts. */
  readonly onProblem: (problem: string) => void;
}

/** A value that may change at any time. */
export interface Live<T> {
  readonly value: T;
  /** Grows with every change of the value. */
  readonly revision: number;
  close(): void;
}

/**
 * The value of a file, which follows the file. It is looked at again and again: a notice of change does not come for
 * a file behind a link that is exchanged, nor from every file system. A file that is broken, or gone, changes nothing.
 */
export class LiveFile<T> implements Live<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #hooks: FileHooks;
  #value: T;
  #text: string;
  #stamp: string;
  #revision = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #problem: { readonly text: string; readonly toldAtMs: number } | undefined;

  /** Rejects with IdentityFileError when the file cannot be used now. `parse` throws IdentityFileError. */
  static async open<T>(path: string, parse: (text: string) => T, hooks: FileHooks): Promise<LiveFile<T>> {
    const { text, stamp } = await readStamped(path);
    return new LiveFile(path, parse, hooks, text, stamp);
  }

  private constructor(
    path: string,
    parse: (text: string) => T,
    hooks: FileHooks,
    text: string,
    stamp: string,
  ) {
    this.#path = path;
    this.#parse = parse;
    this.#hooks = hooks;
    this.#text = text;
    this.#stamp = stamp;
    this.#value = parse(text);
    this.#lookLater();
  }

  get value(): T {
    return this.#value;
  }

  get revision(): number {
    return this.#revision;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#look().finally(() => this.#lookLater()), everyMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    try {
      const isSame = (await stampOf(this.#path)) === this.#stamp;
      if (!isSame) await this.#load();
      if (this.#problem !== undefined) this.#hooks.onReload();
      this.#problem = undefined;
    } catch (error) {
      this.#tellProblem(error instanceof Error ? error.message : String(error));
    }
  }

  async #load(): Promise<void> {
    const { text, stamp } = await readStamped(this.#path);
    if (text !== this.#text) {
      this.#value = this.#parse(text);
      this.#text = text;
      this.#revision += 1;
      // After a problem it is told by the caller.
      if (this.#problem === undefined) this.#hooks.onReload();
    }
    // Not of a text that was refused: it may be only half written, and is read again.
    this.#stamp = stamp;
  }

  #tellProblem(text: string): void {
    const told = this.#problem;
    if (told?.text === text && Date.now() - told.toldAtMs < tellEveryMs) return;
    this.#problem = { text, toldAtMs: Date.now() };
    this.#hooks.onProblem(text);
  }
}

async function readStamped(path: string): Promise<{ text: string; stamp: string }> {
  // Before the reading: what changes meanwhile is found by the next look.
  const stamp = await stampOf(path);
  try {
    return { text: await readFile(path, 'utf8'), stamp };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Of the file at the end of all links. */
async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, ino, dev, size } = await stat(path, { bigint: true });
    if (size > maxFileBytes) throw new IdentityFileError(`${path}: the file is larger than 16 MiB`);
    // Clocks of file systems are coarse: of a change in the same tick the times would tell nothing.
    const isYoung = Date.now() - Number(mtimeNs / 1_000_000n) < coarseMs;
    return `${dev}/${ino}/${size}/${mtimeNs}/${ctimeNs}${isYoung ? `/${Date.now()}` : ''}`;
  } catch (error) {
    throw error instanceof IdentityFileError ? error : unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): IdentityFileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'the file does not exist',
    EACCES: 'the file may not be read by this user',
    EISDIR: 'it is a folder',
  };
  return new IdentityFileError(`${path}: ${reasons[code] ?? `the file cannot be read (${code})`}`);
}

const everyMs = 1_000;
const tellEveryMs = 60_000;
const coarseMs = 100;
const maxFileBytes = 16 * 1024 * 1024;
