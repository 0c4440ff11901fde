import { setMaxListeners } from 'node:events';
import type { Server } from '@grpc/grpc-js';
import type { HealthImplementation } from 'grpc-health-check';

// Left at the end of the grace time for answers to leave.
const flushMs = 250;

/**
 * The orderly end: health says NOT_SERVING, new calls are refused, streams are asked to end with their summary,
 * unary calls finish. grpc-js's own tryShutdown never ends while a stream is open (a health watcher is enough), so
 * the calls are counted here.
 */
export class Drain {
  readonly #server: Server;
  readonly #health: HealthImplementation;
  readonly #streams = new AbortController();
  readonly #unary = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(server: Server, health: HealthImplementation) {
    this.#server = server;
    this.#health = health;
    // Every running call listens, and how many run is bounded elsewhere: Node's warning of a leak would be wrong.
    setMaxListeners(0, this.#streams.signal, this.#unary.signal);
  }

  get streams(): AbortSignal {
    return this.#streams.signal;
  }

  get unary(): AbortSignal {
    return this.#unary.signal;
  }

  readonly track = <T>(work: Promise<T>): Promise<T> => {
    this.#running.add(work);
    const forget = (): void => {
      this.#running.delete(work);
    };
    work.then(forget, forget);
    return work;
  };

  /** True when every call ended by itself. */
  async run(graceMs: number): Promise<boolean> {
    for (const service of ['', ...servedNames]) this.#health.setStatus(service, 'NOT_SERVING');
    const closed = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    this.#streams.abort();
    const finished = await within(this.#settled(), graceMs - 2 * flushMs);
    if (!finished) {
      this.#unary.abort();
      await within(this.#settled(), flushMs);
    }
    await within(closed, flushMs);
    this.#server.forceShutdown();
    return finished;
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }
}

const servedNames = ['vectorgateway.v1.CollectionsService', 'vectorgateway.v1.PointsService'];

// True when the work ended in time.
async function within(work: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, limitMs));
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
