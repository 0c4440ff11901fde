import type { TokenKeys } from './key-sets.js';
import type { KeySource } from './key-source.js';

export interface KeySetUrlOptions {
  readonly url: string;
  readonly refreshMs: number;
  readonly parse: (text: string) => TokenKeys;
  readonly onReload: () => void;
  /** `hasKeys`: those that were fetched before stay in force. */
  readonly onProblem: (problem: string, hasKeys: boolean) => void;
  /** Least time between two fetches that tokens with unknown keys ask for. */
  readonly minPauseMs?: number;
  readonly timeoutMs?: number;
}

/** A key set at a URL: fetched at regular times and kept when that fails. A token with an unknown key fetches it too. */
export class KeySetUrl implements KeySource {
  readonly #options: KeySetUrlOptions;
  readonly #closing = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #keys: TokenKeys | undefined;
  #text = '';
  #revision = 0;
  #fetching: Promise<void> | undefined;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;

  /** Resolves when the first fetch is over, good or bad: the gateway starts without its identity provider too. */
  static async open(options: KeySetUrlOptions): Promise<KeySetUrl> {
    const source = new KeySetUrl(options);
    await source.#fetch();
    return source;
  }

  private constructor(options: KeySetUrlOptions) {
    this.#options = options;
    // Without any keys the next try does not wait as long.
    let lookedAtMs = Date.now();
    this.#timer = setInterval(
      () => {
        const isDue = Date.now() - lookedAtMs >= options.refreshMs;
        if (!isDue && this.#keys !== undefined) return;
        lookedAtMs = Date.now();
        void this.#fetch();
      },
      Math.min(options.refreshMs, retryMs),
    );
    this.#timer.unref();
  }

  get keys(): TokenKeys | undefined {
    return this.#keys;
  }

  get revision(): number {
    return this.#revision;
  }

  async refresh(): Promise<boolean> {
    // Who comes while a fetch is under way waits for its result.
    const pauseMs = this.#options.minPauseMs ?? minPauseMs;
    if (this.#fetching === undefined && Date.now() - this.#fetchedAtMs < pauseMs) return false;
    await this.#fetch();
    return true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#closing.abort();
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<void> {
    const { url, parse, onReload, onProblem } = this.#options;
    this.#fetchedAtMs = Date.now();
    try {
      const text = await fetchText(url, this.#options.timeoutMs ?? timeoutMs, this.#closing.signal);
      if (text === this.#text) return;
      this.#keys = parse(text);
      this.#text = text;
      this.#revision += 1;
      onReload();
    } catch (error) {
      if (!this.#closing.signal.aborted) onProblem(problemOf(error, url), this.#keys !== undefined);
    }
  }
}

async function fetchText(url: string, limitMs: number, closing: AbortSignal): Promise<string> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(limitMs)]);
  // A redirect could lead to a place that nobody chose, or away from https.
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${url}: answered with HTTP status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`${url}: answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What fetch says of a connection that failed is in the cause. */
function problemOf(error: unknown, url: string): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return error.message.startsWith(url) ? error.message : `${url}: ${error.message} ${cause}`.trim();
}

const timeoutMs = 5_000;
const retryMs = 5_000;
const minPauseMs = 2_000;
const maxBytes = 1024 * 1024;
