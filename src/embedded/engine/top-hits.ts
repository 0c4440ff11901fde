import type { IdKey } from '../model/point-id.js';

export interface Hit {
  readonly id: IdKey;
  readonly score: number;
}

/**
 * Keeps the best `limit` hits of a scan: a binary heap with the worst on top, so that nearly every row costs
 * one comparison. `ascending`: a smaller score is better (distances).
 */
export class TopHits {
  readonly #ids: IdKey[] = [];
  readonly #scores: number[] = [];

  constructor(
    private readonly limit: number,
    private readonly ascending: boolean,
  ) {}

  /** Whether a score would get in now; lets a scan skip the look-up of the id. */
  wants(score: number): boolean {
    return this.#scores.length < this.limit || this.#isBetter(score, this.#scores[0] ?? 0);
  }

  add(id: IdKey, score: number): void {
    if (this.#scores.length < this.limit) {
      this.#ids.push(id);
      this.#scores.push(score);
      this.#rise(this.#scores.length - 1);
    } else if (this.limit > 0 && this.#isBetter(score, this.#scores[0] ?? 0)) {
      this.#ids[0] = id;
      this.#scores[0] = score;
      this.#sink();
    }
  }

  /** Best first. */
  sorted(): Hit[] {
    const hits = this.#ids.map((id, at) => ({ id, score: this.#scores[at] ?? 0 }));
    // NaN (vectors with NaN are accepted, as in Qdrant) would make the order undefined: last.
    const rank = (score: number) => (Number.isNaN(score) ? Number.POSITIVE_INFINITY : this.ascending ? score : -score);
    return hits.sort((a, b) => {
      const x = rank(a.score);
      const y = rank(b.score);
      return x === y ? 0 : x - y;
    });
  }

  #isBetter(a: number, b: number): boolean {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(b) && !Number.isNaN(a);
    return this.ascending ? a < b : a > b;
  }

  #swap(a: number, b: number): void {
    const id = this.#ids[a] ?? '';
    const score = this.#scores[a] ?? 0;
    this.#ids[a] = this.#ids[b] ?? '';
    this.#scores[a] = this.#scores[b] ?? 0;
    this.#ids[b] = id;
    this.#scores[b] = score;
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBetter(this.#scores[parent] ?? 0, this.#scores[at] ?? 0)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    const size = this.#scores.length;
    let at = 0;
    for (;;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < size && this.#isBetter(this.#scores[worst] ?? 0, this.#scores[child] ?? 0)) worst = child;
      }
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }
}
