import type { CallContext } from '../../backend/index.js';
import { fieldError, GatewayError } from '../../errors/index.js';
import type { IngestPointsResponse } from '../../gen/vectorgateway/v1/points_service.js';
import type { TenantScope } from '../../tenancy/index.js';
import { type RejectedPoint, readIngestFields } from '../../wire/index.js';
import type { ServiceDeps } from '../deps.js';
import { openStreamTarget } from '../stream-target.js';
import type { IncomingMessages, StreamHooks, StreamUpsertOptions } from '../stream-upsert/types.js';
import { UpsertStream } from '../stream-upsert/upsert-stream.js';
import { decodeSession, encodeSession } from './session.js';
import { Watermark } from './watermark.js';

/** The way back to the caller. */
export interface IngestReplies {
  send(reply: IngestPointsResponse): void;
  /** Resolves when the caller has read enough for more replies; rejects when the call is over. */
  room(): Promise<void>;
}

export interface IngestOptions extends StreamUpsertOptions {
  /** Bytes of messages that are held at most; told to the caller. */
  readonly windowBytes: number;
}

/** IngestPoints: stores a tenant's stream and reports on the way. Throws GatewayError with the summary in its detail. */
export async function ingest(
  deps: ServiceDeps,
  scope: TenantScope,
  messages: IncomingMessages,
  replies: IngestReplies,
  options: IngestOptions,
  context: CallContext,
): Promise<void> {
  const open = (collection: string, openContext: CallContext) =>
    openStreamTarget(deps, scope, collection, openContext, 'IngestPoints');
  const report = new IngestReport(messages, replies, options.windowBytes);
  const stream = new UpsertStream(open, messages, options, context, { hooks: report });
  try {
    const summary = await stream.run();
    report.tell({ summary });
  } catch (error) {
    const isDrain = error instanceof GatewayError && error.reason === 'SHUTTING_DOWN';
    if (isDrain) report.tell({}, true);
    throw error;
  }
}

/** Numbers, sessions and watermarks of one stream. */
class IngestReport implements StreamHooks {
  readonly #messages: IncomingMessages;
  readonly #replies: IngestReplies;
  readonly #windowBytes: number;
  readonly #marks = new Watermark();
  #collection = '';
  #sequence = 0n;
  #settledBefore = 0n;
  #watermark = 0n;
  #isOpened = false;

  constructor(messages: IncomingMessages, replies: IngestReplies, windowBytes: number) {
    this.#messages = messages;
    this.#replies = replies;
    this.#windowBytes = windowBytes;
  }

  get collection(): string {
    return this.#collection;
  }

  async admit(message: Uint8Array, collection = ''): Promise<boolean> {
    const fields = readIngestFields(message);
    if (fields === undefined)
      throw fieldError('FIELD_INVALID', 'sequence', 'is not a number of the protocol');
    const { sequence, session } = fields;
    if (!this.#isOpened) this.#begin(collection, session);
    else if (session !== undefined) throw fieldError('FIELD_INVALID', 'session', 'only in the first message');
    if (sequence <= this.#sequence) {
      throw fieldError('FIELD_INVALID', 'sequence', `must be larger than ${this.#sequence}, not ${sequence}`);
    }
    this.#sequence = sequence;
    if (this.#marks.size >= maxUnsettled) {
      throw new GatewayError('OVERLOADED', `more than ${maxUnsettled} messages are not settled`);
    }
    await this.#replies.room();
    return sequence > this.#settledBefore;
  }

  #begin(collection: string, session: string | undefined): void {
    this.#isOpened = true;
    this.#collection = collection;
    if (session === undefined) return;
    const before = decodeSession(session);
    if (collection !== '' && collection !== before.collection) {
      throw fieldError('FIELD_INVALID', 'session', `is of the collection "${before.collection}"`);
    }
    this.#collection = before.collection;
    this.#settledBefore = before.watermark;
    this.#watermark = before.watermark;
  }

  accepted(firstIndex: number, points: number, rejected: readonly RejectedPoint[]): void {
    this.#marks.add(this.#sequence, firstIndex, points, rejected);
    // A message without points is settled with what is before it.
    if (points === 0) this.#advance();
  }

  settled(durableThrough: number): void {
    this.#advance(durableThrough);
  }

  refused(point: RejectedPoint): void {
    this.#marks.refuse(point);
  }

  tell(more: Partial<IngestPointsResponse>, reconnect = false): void {
    this.#replies.send({
      watermark: this.#watermark === 0n ? undefined : this.#watermark,
      rejections: [],
      session: encodeSession({ collection: this.#collection, watermark: this.#watermark }),
      hints: {
        windowBytes: BigInt(this.#windowBytes),
        slowDown: this.#messages.isHeldBack,
        reconnect,
      },
      ...more,
    });
  }

  #advance(durableThrough?: number): void {
    const settled = this.#marks.advance(durableThrough);
    if (settled === undefined) return;
    this.#watermark = settled.watermark;
    this.tell({ rejections: settled.rejections });
  }
}

// Messages with points are bounded by their bytes; those without cost little, and not nothing.
const maxUnsettled = 100_000;
