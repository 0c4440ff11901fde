import type { IngestPointsResponse, IngestRejection } from '../../gen/vectorgateway/v1/points_service.js';
import { fromWireId } from '../point-id.js';
import type { Message } from './message-source.js';
import type { UpsertRejection } from './types.js';

/** The messages that may have to be sent again, and the account of those that need not. */
export class Unsettled {
  readonly #messages: Message[] = [];
  #session = '';
  settled = 0;
  rejected = 0;

  get size(): number {
    return this.#messages.length;
  }

  /** What a stream that continues must begin with; empty before the first reply. */
  get session(): string {
    return this.#session;
  }

  add(message: Message): void {
    this.#messages.push(message);
  }

  /** The first message above this sequence. */
  after(sequence: bigint): Message | undefined {
    return this.#messages.find((message) => message.sequence > sequence);
  }

  /** Lets go what a reply settles; returns the points that were refused in it. */
  settle({ watermark = 0n, session, rejections }: IngestPointsResponse): UpsertRejection[] {
    this.#session = session;
    const refused: UpsertRejection[] = [];
    for (let first = this.#messages[0]; first && first.sequence <= watermark; first = this.#messages[0]) {
      const { sequence, indexes } = first;
      refused.push(...first.refused);
      for (const rejection of rejections) {
        if (rejection.sequence === sequence) refused.push(toRejection(rejection, indexes));
      }
      this.settled = first.end;
      this.#messages.shift();
    }
    this.rejected += refused.length;
    return refused.sort((a, b) => a.index - b.index);
  }
}

function toRejection(rejection: IngestRejection, indexes: readonly number[]): UpsertRejection {
  const { code = 0, message: text = '' } = rejection.status ?? {};
  const [, reason = '', message = text] = /^([A-Z_]+): (.*)$/s.exec(text) ?? [];
  return { index: indexes[rejection.index] ?? -1, id: fromWireId(rejection.id), code, reason, message };
}
