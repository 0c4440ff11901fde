import { randomOf } from '../support/seed.js';

/** Choices of one call: they follow from the seed and the call's number, so that a call can be made again alone. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number, call: number) {
    this.#next = randomOf((Math.imul(seed, 0x9e3779b1) ^ Math.imul(call + 1, 0x85ebca6b)) | 0);
    // The first numbers of neighbouring seeds are alike.
    this.#next();
    this.#next();
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }
}
