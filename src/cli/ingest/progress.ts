import type { CliIo } from '../cli-io.js';
import type { ReadProgress } from '../data/row.js';
import { durationText, thousands } from '../number-text.js';
import type { Counts } from './ledger.js';

const barEveryMs = 200;
const lineEveryMs = 5_000;
const barCells = 20;
// The rate that is shown is that of about so long.
const rateWindowMs = 5_000;

interface Sample {
  readonly atMs: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Tells on stderr how a run comes on: a bar in a terminal, else a line every few seconds. */
export class Progress {
  readonly #io: CliIo;
  readonly #counts: Counts;
  readonly #read: () => ReadProgress;
  readonly #timer: NodeJS.Timeout;
  readonly #samples: Sample[];
  #shownCharacters = 0;

  constructor(io: CliIo, counts: Counts, read: () => ReadProgress) {
    this.#io = io;
    this.#counts = counts;
    this.#read = read;
    this.#samples = [this.#sample()];
    this.#timer = setInterval(() => this.#tick(), io.isErrTerminal ? barEveryMs : lineEveryMs);
    this.#timer.unref();
  }

  /** A line of its own, above the bar. */
  note(text: string): void {
    this.#clear();
    this.#io.err(`${text}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #tick(): void {
    const now = this.#sample();
    this.#samples.push(now);
    while (this.#samples.length > 2 && now.atMs - (this.#samples[0]?.atMs ?? 0) > rateWindowMs)
      this.#samples.shift();
    const text = progressText(this.#counts, this.#read(), this.#samples[0] ?? now, now);
    if (!this.#io.isErrTerminal) {
      this.#io.err(`${text}\n`);
      return;
    }
    const { doneBytes, totalBytes } = this.#read();
    const line = `${barOf(doneBytes, totalBytes)}${text}`.slice(0, Math.max(20, this.#io.columns() - 1));
    this.#io.err(`\r${line.padEnd(this.#shownCharacters)}`);
    this.#shownCharacters = line.length;
  }

  #clear(): void {
    if (this.#shownCharacters > 0) this.#io.err(`\r${' '.repeat(this.#shownCharacters)}\r`);
    this.#shownCharacters = 0;
  }

  #sample(): Sample {
    return { atMs: performance.now(), rows: this.#counts.rows, bytes: this.#read().doneBytes };
  }
}

function progressText(
  counts: Counts,
  { doneBytes, totalBytes }: ReadProgress,
  from: Sample,
  to: Sample,
): string {
  const seconds = Math.max(0.001, (to.atMs - from.atMs) / 1000);
  const bytesPerSecond = (to.bytes - from.bytes) / seconds;
  const parts = [
    `${thousands(counts.rows)} rows`,
    `${thousands(Math.round((to.rows - from.rows) / seconds))} points/s`,
    `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`,
    `${thousands(counts.rejected)} rejected`,
  ];
  if (totalBytes !== undefined && totalBytes > 0) {
    parts.unshift(`${Math.floor((100 * doneBytes) / totalBytes)}%`);
    parts.push(`ETA ${bytesPerSecond > 0 ? durationText((totalBytes - doneBytes) / bytesPerSecond) : '-'}`);
  }
  return parts.join('  ');
}

function barOf(doneBytes: number, totalBytes: number | undefined): string {
  if (totalBytes === undefined || totalBytes === 0) return '';
  const full = Math.min(barCells, Math.floor((barCells * doneBytes) / totalBytes));
  return `[${'#'.repeat(full)}${'.'.repeat(barCells - full)}] `;
}
