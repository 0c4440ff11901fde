import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext } from '../../backend/index.js';
import { fieldError, GatewayError } from '../../errors/index.js';
import type { UpsertSummary } from '../../gen/vectorgateway/v1/points.js';
import { checkPoints, type PointsEnvelope, readPointsEnvelope } from '../../wire/index.js';
import type { StreamTarget } from '../stream-target.js';
import { Batch, HeldMessage } from './batch.js';
import { BatchLane, type SendBatch } from './batch-lane.js';
import { streamError } from './failure.js';
import type { IdGuard } from './id-guard.js';
import { Ledger } from './ledger.js';
import { MessagePull } from './message-pull.js';
import { sendInParts } from './send-in-parts.js';
import type {
  IncomingMessage,
  IncomingMessages,
  OpenTarget,
  StreamHooks,
  StreamUpsertOptions,
} from './types.js';
import { WriteTuner } from './write-tuner.js';

interface Opened {
  readonly target: StreamTarget;
  readonly collection: string;
  readonly ordering: Uint8Array | undefined;
}

/** One StreamUpsertPoints: messages in, batches out, and an account of what became of every point. */
export class UpsertStream {
  readonly #openTarget: OpenTarget;
  readonly #messages: IncomingMessages;
  readonly #options: StreamUpsertOptions;
  readonly #context: CallContext;
  readonly #hooks: StreamHooks | undefined;
  readonly #ledger: Ledger;
  readonly #tuner: WriteTuner;
  readonly #lane: BatchLane;
  readonly #pull: MessagePull;
  #opened: Opened | undefined;
  #batch = new Batch(0);
  #hasEnded = false;
  #failure: unknown;
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(
    openTarget: OpenTarget,
    messages: IncomingMessages,
    options: StreamUpsertOptions,
    context: CallContext,
    { guard, hooks }: { readonly guard?: IdGuard; readonly hooks?: StreamHooks } = {},
  ) {
    this.#openTarget = openTarget;
    this.#messages = messages;
    this.#options = options;
    this.#context = context;
    this.#hooks = hooks;
    this.#ledger = new Ledger(() => hooks?.settled(this.#ledger.durableThrough));
    this.#pull = new MessagePull(messages);
    this.#tuner = new WriteTuner({
      maxPoints: options.batchPoints,
      maxInFlight: options.batchesInFlight,
      adapts: options.tunesBatches,
    });
    this.#lane = new BatchLane({
      tuner: this.#tuner,
      sendDeadlineAtMs: options.sendDeadlineAtMs,
      ledger: this.#ledger,
      context,
      send: hooks === undefined ? sendWhole : this.#sendParts(hooks),
      onFailure: (error) => this.#stop(error),
      guard,
    });
  }

  /** Throws GatewayError with the summary in its detail. */
  async run(): Promise<UpsertSummary> {
    const { signal } = this.#context;
    const onAbort = (): void => this.#onAbort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      await this.#readAll();
      // A client that cancels may end its messages in the same breath: the reset that tells the two apart comes behind.
      await Promise.all([this.#flush(), sleep(this.#options.quietMs)]);
    } catch (error) {
      this.#stop(error);
    }
    await this.#lane.settled();
    signal.removeEventListener('abort', onAbort);
    clearTimeout(this.#cutTimer);
    this.#pull.abandon();
    if (this.#failure === undefined) return this.#ledger.summary();
    await this.#dropUnsent();
    throw streamError(this.#failure, this.#ledger);
  }

  // Of a stream that has ended only writes are left, and those the shutdown leaves time for.
  #onAbort(reason: unknown): void {
    if (this.#hasEnded && reason instanceof GatewayError && reason.reason === 'SHUTTING_DOWN') {
      this.#cutAfterwards(reason);
    } else {
      this.#stop(reason);
    }
  }

  #stop(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    const known = asGatewayError(error);
    this.#lane.stop();
    this.#pull.stop(known);
    this.#cutAfterwards(known);
  }

  #cutAfterwards(reason: GatewayError): void {
    this.#cutTimer ??= setTimeout(
      () => {
        this.#stop(reason);
        this.#lane.cut(reason);
      },
      Math.max(0, this.#options.finishMs(reason.reason)),
    );
  }

  async #readAll(): Promise<void> {
    const { lingerMs, idleMs } = this.#options;
    for (;;) {
      const pulled = await this.#pull.next(this.#batch.covers ? lingerMs : idleMs);
      if (pulled === 'end') break;
      if (pulled !== 'silence') await this.#accept(pulled);
      // Held points count against the bound on bytes: waiting for more with them in hand could be for ever.
      else if (this.#batch.covers) await this.#flush();
      else if (!this.#messages.isHeldBack) throw idleError(idleMs);
    }
    this.#hasEnded = true;
  }

  async #accept(message: IncomingMessage): Promise<void> {
    const held = new HeldMessage(message);
    try {
      const envelope = readPointsEnvelope(message.bytes);
      if (this.#hooks && !(await this.#hooks.admit(message.bytes, envelope.collection))) return;
      const { target } = await this.#openFor(envelope);
      const { checked, rejected } = checkPoints(envelope.points, target.dimension);
      const firstIndex = this.#ledger.received;
      this.#ledger.received += envelope.points.length;
      for (const point of rejected) this.#ledger.reject(point, firstIndex);
      this.#hooks?.accepted(firstIndex, envelope.points.length, rejected);
      let index = 0;
      for (const point of checked) {
        for (; index < point.index; index += 1) this.#batch.skip();
        if (this.#isFullFor(point.encodedBytes) || this.#isParted(point.key)) await this.#flush();
        this.#batch.add(point, held);
        index += 1;
      }
      for (; index < envelope.points.length; index += 1) this.#batch.skip();
      if (this.#isFullFor(0)) await this.#flush();
    } finally {
      held.drop();
    }
  }

  #isFullFor(moreBytes: number): boolean {
    const { batchBytes } = this.#options;
    if (this.#batch.isEmpty) return false;
    const { received, bytes } = this.#batch;
    return received >= this.#tuner.points || bytes + moreBytes > batchBytes || bytes >= batchBytes;
  }

  // Where each point has an outcome of its own, none may stand for an older version in the same write.
  #isParted(key: string): boolean {
    return this.#hooks !== undefined && this.#batch.has(key);
  }

  #sendParts(hooks: StreamHooks): SendBatch {
    return (target, entries, ordering, context) =>
      sendInParts(
        entries,
        (part) => sendWhole(target, part, ordering, context),
        (point) => {
          this.#ledger.rejectLate(point);
          hooks.refused(point);
        },
      );
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (!batch.covers || this.#opened === undefined) return;
    this.#batch = new Batch(batch.last + 1);
    await this.#lane.put(batch, this.#opened.target, this.#opened.ordering);
  }

  /** The first message says where to and how; later ones may repeat it. */
  async #openFor(envelope: PointsEnvelope): Promise<Opened> {
    if (envelope.wait !== undefined) throw fieldError('FIELD_UNSUPPORTED', 'wait', 'a stream always waits');
    if (this.#opened === undefined) {
      const collection = envelope.collection || this.#hooks?.collection || '';
      const target = await this.#openTarget(collection, this.#context);
      this.#opened = { target, collection, ordering: envelope.ordering };
      return this.#opened;
    }
    const { collection, ordering } = this.#opened;
    if ((envelope.collection ?? '') !== '' && envelope.collection !== collection) {
      throw fieldError(
        'FIELD_INVALID',
        'collection',
        'a stream writes to the collection of its first message',
      );
    }
    if (envelope.ordering !== undefined && !isSame(envelope.ordering, ordering)) {
      throw fieldError('FIELD_INVALID', 'ordering', 'a stream keeps the ordering of its first message');
    }
    return this.#opened;
  }

  async #dropUnsent(): Promise<void> {
    const batch = this.#batch;
    // Points that were only refused are accounted for; good ones of an unsent batch are not.
    if (batch.isEmpty) await this.#flush();
    batch.release();
  }
}

const sendWhole: SendBatch = (target, entries, ordering, context) =>
  target.send(
    entries.map(({ point }) => point),
    ordering,
    context,
  );

function isSame(bytes: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(bytes, other) === 0;
}

function idleError(idleMs: number): GatewayError {
  return new GatewayError('STREAM_IDLE', `nothing was sent on the stream for ${idleMs} ms`);
}

function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError('INTERNAL', 'internal error', { cause: error });
}
