/** The least value of the last while, which is between half and all of `memoryMs`. */
export class LeastRecent {
  readonly #halfMs: number;
  readonly #nowMs: () => number;
  #before = Number.POSITIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #turnsAtMs: number;

  constructor(memoryMs: number, nowMs: () => number) {
    this.#halfMs = memoryMs / 2;
    this.#nowMs = nowMs;
    this.#turnsAtMs = nowMs() + this.#halfMs;
  }

  /** The least of this value and those that are remembered. */
  observe(value: number): number {
    const nowMs = this.#nowMs();
    if (nowMs >= this.#turnsAtMs) {
      this.#before = nowMs < this.#turnsAtMs + this.#halfMs ? this.#current : Number.POSITIVE_INFINITY;
      this.#current = Number.POSITIVE_INFINITY;
      this.#turnsAtMs = nowMs + this.#halfMs;
    }
    this.#current = Math.min(this.#current, value);
    return Math.min(this.#current, this.#before);
  }
}
