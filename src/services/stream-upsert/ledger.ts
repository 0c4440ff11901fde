import type { IndexRange, PointRejection, UpsertSummary } from '../../gen/vectorgateway/v1/points.js';
import type { RejectedPoint } from '../../wire/index.js';
import { toRejection } from '../rejections.js';

/** What became of the points of one batch. */
export type Fate = 'pending' | 'durable' | 'indeterminate' | 'lost';

/** The range of stream indexes that a batch covers, both ends inclusive. */
export interface Span {
  readonly first: number;
  readonly last: number;
  fate: Fate;
}

/** Counts what happens to the points of one stream. */
export class Ledger {
  received = 0;
  upserted = 0;
  batches = 0;
  retries = 0;
  #rejected = 0;
  readonly #rejections: PointRejection[] = [];
  // In stream order. Durable ones leave at the front, so there are no more than batches at work.
  readonly #spans: Span[] = [];
  #durableThrough = -1;
  readonly #onProgress: () => void;

  /** `onProgress` hears when durableThrough has moved. */
  constructor(onProgress: () => void = () => undefined) {
    this.#onProgress = onProgress;
  }

  get durableThrough(): number {
    return this.#durableThrough;
  }

  reject(point: RejectedPoint, firstIndex: number): void {
    this.#rejected += 1;
    if (this.#rejections.length < maxListedRejections) {
      this.#rejections.push(toRejection(point, firstIndex));
    }
  }

  /** Ranges are opened in stream order, without gaps. */
  open(first: number, last: number): Span {
    const span: Span = { first, last, fate: 'pending' };
    this.#spans.push(span);
    return span;
  }

  settle(span: Span, fate: Fate): void {
    span.fate = fate;
    const before = this.#durableThrough;
    for (let next = this.#spans[0]; next?.fate === 'durable'; next = this.#spans[0]) {
      this.#durableThrough = next.last;
      this.#spans.shift();
    }
    if (this.#durableThrough > before) this.#onProgress();
  }

  /** A point that was taken for good until the backend refused it. */
  rejectLate(point: RejectedPoint): void {
    this.upserted -= 1;
    this.reject(point, 0);
  }

  /** With at most this many rejections and ranges listed, the rest counted. */
  summary(maxListed = maxListedRejections): UpsertSummary {
    const rejections = this.#rejections.slice(0, maxListed);
    const ranges = this.#indeterminateRanges();
    const indeterminate = ranges.slice(0, maxListed);
    return {
      received: BigInt(this.received),
      upserted: BigInt(this.upserted),
      rejected: BigInt(this.#rejected),
      batches: BigInt(this.batches),
      retries: BigInt(this.retries),
      rejections,
      rejectionsOmitted: BigInt(this.#rejected - rejections.length),
      durableThrough: this.#durableThrough < 0 ? undefined : BigInt(this.#durableThrough),
      indeterminate,
      indeterminateOmitted: BigInt(ranges.length - indeterminate.length),
    };
  }

  #indeterminateRanges(): IndexRange[] {
    const ranges: IndexRange[] = [];
    for (const { first, last, fate } of this.#spans) {
      if (fate !== 'indeterminate') continue;
      const previous = ranges.at(-1);
      if (previous !== undefined && previous.last + 1n === BigInt(first)) previous.last = BigInt(last);
      else ranges.push({ first: BigInt(first), last: BigInt(last) });
    }
    return ranges;
  }
}

const maxListedRejections = 1000;
