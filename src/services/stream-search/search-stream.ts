import type { CallContext } from '../../backend/index.js';
import { GatewayError } from '../../errors/index.js';
import { readSearchId } from '../../wire/index.js';
import { MessagePull } from '../stream-upsert/message-pull.js';
import type { IncomingMessage, IncomingMessages } from '../stream-upsert/types.js';
import type { MakeSearch, SearchReplies, StreamSearchOptions } from './types.js';

/** One StreamSearchPoints: searches in, several of them under way, answers out as they come. */
export class SearchStream {
  readonly #search: MakeSearch;
  readonly #messages: IncomingMessages;
  readonly #replies: SearchReplies;
  readonly #options: StreamSearchOptions;
  readonly #context: CallContext;
  readonly #pull: MessagePull;
  readonly #running = new Map<AbortController, Promise<void>>();
  #onPlace: () => void = () => undefined;
  #lastEventMs = Date.now();
  #stopTimer: NodeJS.Timeout | undefined;
  #stopped: GatewayError | undefined;

  constructor(
    search: MakeSearch,
    messages: IncomingMessages,
    replies: SearchReplies,
    options: StreamSearchOptions,
    context: CallContext,
  ) {
    this.#search = search;
    this.#messages = messages;
    this.#replies = replies;
    this.#options = options;
    this.#context = context;
    this.#pull = new MessagePull(messages);
  }

  /** Resolves when every search is answered; rejects with what ended the stream before. */
  async run(): Promise<void> {
    const { signal } = this.#context;
    const onAbort = (): void => this.#endSoon(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      await this.#readAll();
      await this.#settled();
      // Who ended its side has all answers, unless they were cut off.
      if (this.#stopped !== undefined) throw this.#stopped;
    } catch (error) {
      this.#endSoon(error);
      await this.#settled();
      throw error;
    } finally {
      clearTimeout(this.#stopTimer);
      signal.removeEventListener('abort', onAbort);
      this.#pull.abandon();
    }
  }

  async #readAll(): Promise<void> {
    for (;;) {
      await this.#place();
      await this.#replies.room();
      const silenceMs = Math.max(1, this.#lastEventMs + this.#options.idleMs - Date.now());
      const pulled = await this.#pull.next(silenceMs);
      if (pulled === 'end') return;
      if (pulled === 'silence') this.#checkIdle();
      else this.#start(pulled);
    }
  }

  #checkIdle(): void {
    const { idleMs } = this.#options;
    const isWaitedFor = this.#running.size > 0 || this.#messages.isHeldBack;
    if (isWaitedFor) this.#lastEventMs = Date.now();
    if (Date.now() < this.#lastEventMs + idleMs) return;
    throw new GatewayError('STREAM_IDLE', `nothing was sent on the stream for ${idleMs} ms`);
  }

  /** Resolves when one more search may be made. */
  async #place(): Promise<void> {
    while (this.#running.size >= this.#options.searchesInFlight) {
      await new Promise<void>((resolve) => {
        this.#onPlace = resolve;
      });
    }
  }

  #start(message: IncomingMessage): void {
    this.#lastEventMs = Date.now();
    const controller = new AbortController();
    const work = this.#answer(message, controller).finally(() => {
      message.release();
      this.#running.delete(controller);
      this.#lastEventMs = Date.now();
      this.#onPlace();
    });
    this.#running.set(controller, work);
  }

  async #answer({ bytes }: IncomingMessage, controller: AbortController): Promise<void> {
    const { searchDeadlineMs } = this.#options;
    const deadlineAtMs = Math.min(this.#context.deadlineAtMs, Date.now() + searchDeadlineMs);
    const timer = setTimeout(() => controller.abort(late()), deadlineAtMs - Date.now());
    const context: CallContext = { signal: controller.signal, deadlineAtMs, attempts: 0 };
    const id = readSearchId(bytes);
    try {
      this.#replies.send(id, await this.#search(bytes, context));
    } catch (error) {
      this.#replies.send(id, this.#failureOf(error, controller.signal));
    } finally {
      clearTimeout(timer);
      this.#context.attempts += context.attempts;
    }
  }

  #failureOf(error: unknown, signal: AbortSignal): GatewayError {
    if (error instanceof GatewayError) return error;
    if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
    this.#options.onFault(error);
    return new GatewayError('INTERNAL', 'internal error', { cause: error });
  }

  /** No further message; what is under way has a little time, or none when nobody waits for it. */
  #endSoon(error: unknown): void {
    const reason = error instanceof GatewayError ? error : new GatewayError('CANCELLED', 'the stream ended');
    this.#pull.stop(reason);
    const isOver = reason.reason === 'CANCELLED' || reason.reason === 'DEADLINE_EXCEEDED';
    const finishMs = isOver ? 0 : this.#options.finishMs(reason.reason);
    if (finishMs <= 0) this.#cutOff(reason);
    else this.#stopTimer ??= setTimeout(() => this.#cutOff(reason), finishMs);
  }

  #cutOff(reason: GatewayError): void {
    if (this.#running.size > 0) this.#stopped ??= reason;
    for (const controller of this.#running.keys()) controller.abort(reason);
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}

function late(): GatewayError {
  return new GatewayError('DEADLINE_EXCEEDED', 'the deadline passed before the search was done');
}
