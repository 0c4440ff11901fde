import { setTimeout as sleep } from 'node:timers/promises';
import type { IngestPointsResponse } from '../../gen/vectorgateway/v1/points_service.js';
import { Code, VectorGatewayError } from '../client-error.js';
import type { BytesDuplex } from '../connection.js';
import { IngestCall } from './ingest-call.js';
import type { MessageSource } from './message-source.js';
import { backoffOf, isPassing } from './retry.js';
import type { Settings, UpsertAllProgress, UpsertAllResult } from './types.js';
import { Unsettled } from './unsettled.js';
import { Wake } from './wake.js';

/**
 * One upsertAll. One loop reads the source into the window, another carries the window through as many streams as it
 * takes; what either waits for is a change that the other, a reply or the caller makes.
 */
export class UpsertRun {
  readonly #open: () => BytesDuplex;
  readonly #collection: string;
  readonly #source: MessageSource;
  readonly #settings: Settings;
  readonly #unsettled = new Unsettled();
  readonly #wake = new Wake();
  readonly #stopped = new AbortController();
  #hasAll = false;
  #reconnects = 0;
  #attempt = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(open: () => BytesDuplex, collection: string, source: MessageSource, settings: Settings) {
    this.#open = open;
    this.#collection = collection;
    this.#source = source;
    this.#settings = settings;
  }

  async run(): Promise<UpsertAllResult> {
    const { signal } = this.#settings;
    const onAbort = (): void => this.#fail(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    else void this.#fill().catch((error) => this.#fail(error));
    try {
      while (await this.#hasMore()) await this.#continue();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#source.abandon();
    }
    const { settled: _, ...result } = this.#progress();
    return result;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stopped.abort();
    this.#wake.wake();
  }

  /** Reads the source, as far as there is room in the window. */
  async #fill(): Promise<void> {
    const { window } = this.#settings;
    while (this.#failure === undefined) {
      const message = await this.#source.next();
      if (message === undefined) break;
      this.#unsettled.add(message);
      this.#wake.wake();
      await this.#wake.until(() => this.#unsettled.size < window || this.#failure !== undefined);
    }
    this.#hasAll = true;
    this.#wake.wake();
  }

  // A stream is opened only for points: a source may be silent for longer than a stream may be idle.
  async #hasMore(): Promise<boolean> {
    await this.#wake.until(() => this.#unsettled.size > 0 || this.#hasAll || this.#failure !== undefined);
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#unsettled.size > 0;
  }

  async #continue(): Promise<void> {
    const failure = await this.#runStream();
    if (this.#failure !== undefined) throw this.#failure.error;
    // Without a window of messages left behind, it does not matter how the stream ended.
    if (this.#unsettled.size === 0 && (failure === undefined || isPassing(failure))) return;
    const error =
      failure ?? new VectorGatewayError({ code: Code.UNKNOWN, message: 'the stream ended too early' });
    if (!isPassing(error) || this.#attempt >= this.#settings.maxReconnects) throw error;
    this.#reconnects += 1;
    this.#tell();
    const waitMs = backoffOf(this.#attempt, this.#settings, error.retryDelayMs);
    this.#attempt += 1;
    await sleep(waitMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }

  /** One stream, from the first unsettled message on; resolves to how it failed. */
  async #runStream(): Promise<VectorGatewayError | undefined> {
    let isLeaving = false;
    const call = new IngestCall(this.#open(), {
      onChange: () => this.#wake.wake(),
      onReply: (reply) => {
        isLeaving ||= reply.hints?.reconnect === true;
        this.#settle(reply);
      },
    });
    let sent = 0n;
    while (!call.isOver && this.#failure === undefined) {
      const message = isLeaving || !call.hasRoom ? undefined : this.#unsettled.after(sent);
      if (message !== undefined) {
        const { ordering } = this.#settings;
        const opening = { collection: this.#collection, session: this.#unsettled.session, ordering };
        call.send(message, sent === 0n ? opening : undefined);
        sent = message.sequence;
        continue;
      }
      if (this.#hasAll && this.#unsettled.after(sent) === undefined) call.end();
      await this.#wake.next();
    }
    call.cancel();
    return call.failure;
  }

  #settle(reply: IngestPointsResponse): void {
    // Who has been told that it failed is told nothing more.
    if (this.#failure !== undefined) return;
    const before = this.#unsettled.settled;
    try {
      for (const rejection of this.#unsettled.settle(reply)) this.#settings.onRejected?.(rejection);
      if (this.#unsettled.settled > before) {
        this.#attempt = 0;
        this.#tell();
      }
    } catch (error) {
      // What the caller's own function throws ends the run, not the process.
      this.#fail(error);
    }
    this.#wake.wake();
  }

  #tell(): void {
    this.#settings.onProgress?.(this.#progress());
  }

  #progress(): UpsertAllProgress {
    const { settled, rejected } = this.#unsettled;
    const { received } = this.#source;
    return { received, upserted: settled - rejected, rejected, reconnects: this.#reconnects, settled };
  }
}
