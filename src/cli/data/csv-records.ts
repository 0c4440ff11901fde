import type { EndFinder } from './splitter.js';

const [lineEnd, quote] = [10, 34];

/**
 * Ends of CSV records: a line end within quotes is part of a field. Quotes count only where a field begins with one, so a
 * stray one inside a field does not swallow the rows after it.
 */
export class CsvRecordEnds implements EndFinder {
  readonly #delimiter: number;
  #state: 'start' | 'plain' | 'quoted' | 'quote' = 'start';

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  next(chunk: Buffer, from: number): number {
    if (this.#state !== 'quoted' && this.#state !== 'quote') {
      const end = chunk.indexOf(lineEnd, from);
      const firstQuote = chunk.indexOf(quote, from);
      if (end >= 0 && (firstQuote < 0 || firstQuote > end)) {
        this.#state = 'start';
        return end;
      }
    }
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#step(chunk[at])) return at;
    }
    return -1;
  }

  reset(): void {
    this.#state = 'start';
  }

  /** Whether a record ends with this byte. */
  #step(byte: number | undefined): boolean {
    if (this.#state === 'quoted') {
      if (byte === quote) this.#state = 'quote';
      return false;
    }
    if (byte === lineEnd) {
      this.#state = 'start';
      return true;
    }
    if (byte === this.#delimiter) this.#state = 'start';
    else if (byte === quote && this.#state !== 'plain') this.#state = 'quoted';
    else this.#state = 'plain';
    return false;
  }
}
