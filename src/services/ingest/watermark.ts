import { GatewayError } from '../../errors/index.js';
import type { IngestRejection } from '../../gen/vectorgateway/v1/points_service.js';
import type { RejectedPoint } from '../../wire/index.js';
import { toRejection } from '../rejections.js';

interface OpenMessage {
  readonly sequence: bigint;
  readonly first: number;
  /** Inclusive; first - 1 for a message without points. */
  readonly last: number;
  readonly rejections: IngestRejection[];
}

/** What became settled: tell it in one reply, so that a caller hears of each refused point with its message. */
export interface Settled {
  readonly watermark: bigint;
  readonly rejections: IngestRejection[];
}

/** Follows the messages of one stream from their points' stream indexes back to their sequences. */
export class Watermark {
  // In stream order. Settled ones leave at the front, so there are no more than messages that are held.
  readonly #open: OpenMessage[] = [];
  #durableThrough = -1;

  /** Messages that are not settled. */
  get size(): number {
    return this.#open.length;
  }

  add(sequence: bigint, first: number, points: number, rejected: readonly RejectedPoint[]): void {
    const message: OpenMessage = { sequence, first, last: first + points - 1, rejections: [] };
    for (const point of rejected) message.rejections.push(rejectionOf(message, point, point.index));
    this.#open.push(message);
  }

  /** A point that the backend refused; its index is that of the stream. */
  refuse(point: RejectedPoint): void {
    const message = this.#open.find(({ first, last }) => first <= point.index && point.index <= last);
    message?.rejections.push(rejectionOf(message, point, point.index - message.first));
  }

  /** `durableThrough`: every point up to this stream index is durable or refused. */
  advance(durableThrough = this.#durableThrough): Settled | undefined {
    this.#durableThrough = durableThrough;
    let watermark: bigint | undefined;
    const rejections: IngestRejection[] = [];
    for (let next = this.#open[0]; next && next.last <= durableThrough; next = this.#open[0]) {
      watermark = next.sequence;
      rejections.push(...next.rejections);
      this.#open.shift();
    }
    return watermark === undefined ? undefined : { watermark, rejections };
  }
}

function rejectionOf({ sequence }: OpenMessage, point: RejectedPoint, index: number): IngestRejection {
  const { id, reason, message, field } = toRejection(point);
  const { code } = new GatewayError(point.reason, message);
  const text = field === '' ? message : `${field}: ${message}`;
  return { sequence, index, id, status: { code, message: `${reason}: ${text}`, details: [] } };
}
