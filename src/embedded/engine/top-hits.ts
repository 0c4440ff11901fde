import type { IdKey } from '../model/point-id.js';

export interface Hit {
  readonly id: IdKey;
  readonly score: number;
}

/**
 * Keeps the best `limit` hits of a scan: a binary heap with the worst on top, so that nearly every row costs
 * one comparison. `ascending`: a smaller score is better (distances). Equal scores go by id, so that pages of one
 * search neither repeat nor miss a point; NaN (Qdrant accepts such vectors) is worse than any score.
 */
export class TopHits {
  readonly #ids: IdKey[] = [];
  readonly #scores: number[] = [];

  constructor(
    private readonly limit: number,
    private readonly ascending: boolean,
  ) {}

  /** Whether a score might get in now; lets a scan skip the look-up of the id. */
  wants(score: number): boolean {
    return this.#scores.length < this.limit || this.#compare(score, this.#scores[0] ?? 0) <= 0;
  }

  add(id: IdKey, score: number): void {
    if (this.#scores.length < this.limit) {
      this.#ids.push(id);
      this.#scores.push(score);
      this.#rise(this.#scores.length - 1);
    } else if (this.limit > 0 && this.#order(score, id, this.#scores[0] ?? 0, this.#ids[0] ?? '') < 0) {
      this.#ids[0] = id;
      this.#scores[0] = score;
      this.#sink();
    }
  }

  /** Best first. */
  sorted(): Hit[] {
    const hits = this.#ids.map((id, at) => ({ id, score: this.#scores[at] ?? 0 }));
    return hits.sort((a, b) => this.#order(a.score, a.id, b.score, b.id));
  }

  /** Below 0: `a` is better. */
  #compare(a: number, b: number): number {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    if (a === b) return 0;
    return a < b === this.ascending ? -1 : 1;
  }

  #order(score: number, id: IdKey, otherScore: number, otherId: IdKey): number {
    return this.#compare(score, otherScore) || (id < otherId ? -1 : Number(id > otherId));
  }

  /** Whether the hit at `a` is worse than the one at `b`. */
  #isWorse(a: number, b: number): boolean {
    return (
      this.#order(this.#scores[a] ?? 0, this.#ids[a] ?? '', this.#scores[b] ?? 0, this.#ids[b] ?? '') > 0
    );
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
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    const size = this.#scores.length;
    let at = 0;
    for (;;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < size && this.#isWorse(child, worst)) worst = child;
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }
}
