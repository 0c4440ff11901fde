/**
 * How many retries the backend is spared: a share of the calls of the last 10 s, and always a few. When everything
 * fails, retries add that share to the load and not a multiple of it.
 */
export class RetryBudget {
  readonly #percent: number;
  readonly #nowMs: () => number;
  // A ring of one second each; a slot of an earlier round is emptied when it is used again.
  readonly #slots = Array.from({ length: seconds }, () => ({ second: -1, calls: 0, retries: 0 }));

  constructor(percent: number, nowMs: () => number = Date.now) {
    this.#percent = percent;
    this.#nowMs = nowMs;
  }

  /** Counts a call, once. */
  countCall(): void {
    this.#slot().calls += 1;
  }

  /** Takes one retry from the budget; false when it is spent. */
  take(): boolean {
    const now = Math.floor(this.#nowMs() / 1000);
    let calls = 0;
    let retries = 0;
    for (const slot of this.#slots) {
      if (slot.second <= now - seconds || slot.second > now) continue;
      calls += slot.calls;
      retries += slot.retries;
    }
    if (retries >= Math.max(minRetries, Math.floor((calls * this.#percent) / 100))) return false;
    this.#slot().retries += 1;
    return true;
  }

  #slot(): { calls: number; retries: number } {
    const second = Math.floor(this.#nowMs() / 1000);
    const index = second % seconds;
    const slot = this.#slots[index];
    if (slot === undefined) throw new RangeError(`the clock shows ${second} s`);
    if (slot.second !== second) Object.assign(slot, { second, calls: 0, retries: 0 });
    return slot;
  }
}

const seconds = 10;
const minRetries = 3;
