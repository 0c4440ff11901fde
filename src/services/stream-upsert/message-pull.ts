import type { GatewayError } from '../../errors/index.js';
import type { IncomingMessage, IncomingMessages } from './types.js';

export type Pulled = IncomingMessage | 'end' | 'silence';

/** Takes messages one by one, with a limit to each wait. What was asked for and did not come stays asked for. */
export class MessagePull {
  readonly #iterator: AsyncIterator<IncomingMessage>;
  #pending: Promise<IteratorResult<IncomingMessage>> | undefined;
  #stopped: GatewayError | undefined;
  #onStop: (error: GatewayError) => void = () => undefined;

  constructor(messages: IncomingMessages) {
    this.#iterator = messages[Symbol.asyncIterator]();
  }

  /** Every wait, now and later, throws the error. */
  stop(error: GatewayError): void {
    this.#stopped ??= error;
    this.#onStop(this.#stopped);
  }

  /** 'silence' when nothing came in this time. Throws what stop() was told, or what tore the stream. */
  async next(silenceMs: number): Promise<Pulled> {
    if (this.#stopped !== undefined) throw this.#stopped;
    this.#pending ??= this.#iterator.next();
    const pulled = await this.#within(this.#pending, silenceMs);
    if (pulled === 'silence') return pulled;
    this.#pending = undefined;
    return pulled.done === true ? 'end' : pulled.value;
  }

  /** Gives back what was asked for and comes too late. */
  abandon(): void {
    this.#pending?.then(
      ({ value, done }) => {
        if (done !== true) value.release();
      },
      // The stream ended with this pull or without it: its error has been told already.
      () => undefined,
    );
  }

  // Not Promise.race: a promise that lives as long as the stream would keep every lost race.
  #within<T>(work: Promise<T>, limitMs: number): Promise<T | 'silence'> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve('silence'), limitMs);
      this.#onStop = reject;
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
