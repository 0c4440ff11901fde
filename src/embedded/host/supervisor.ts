import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerInput } from '../messages.js';
import type { StoreLog } from '../options.js';
import { workerEntry } from './worker-entry.js';

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;
/** A worker that served this long starts the backoff afresh. */
const STABLE_MS = 60_000;
const CLOSE_TIMEOUT_MS = 15_000;

/** Keeps one store worker running until close(): a dead one is started again, slower each time. */
export class Supervisor {
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #backoffMs = FIRST_BACKOFF_MS;
  #closing = false;

  constructor(
    private readonly input: WorkerInput,
    private readonly log: StoreLog,
  ) {}

  /** Resolves when the worker serves; rejects with the worker's reason when it cannot open the store. */
  start(): Promise<void> {
    return this.#spawn();
  }

  #spawn(): Promise<void> {
    // A killed worker leaves its socket behind. The lock is ours, so nobody else can be listening on it.
    rmSync(this.input.socketPath, { force: true });
    const worker = new Worker(workerEntry(), { workerData: this.input, name: 'embedded-store' });
    this.#worker = worker;
    const startedAt = Date.now();
    return new Promise((resolve, reject) => {
      let ready = false;
      let cause = 'the worker ended';
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'log') this.log(message.level, message.message, message.fields);
        else if (message.kind === 'failed') cause = message.message;
        else {
          ready = true;
          resolve();
        }
      });
      worker.on('error', (error) => {
        cause = error instanceof Error ? error.message : String(error);
      });
      worker.once('exit', (exitCode) => {
        this.#worker = undefined;
        if (!ready) reject(new Error(cause));
        if (ready && !this.#closing) this.#restart(cause, exitCode, Date.now() - startedAt);
      });
    });
  }

  #restart(cause: string, exitCode: number, servedMs: number): void {
    if (servedMs >= STABLE_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    const delayMs = this.#backoffMs;
    this.#backoffMs = Math.min(MAX_BACKOFF_MS, delayMs * 2);
    this.log('error', 'embedded store died, starting it again', { cause, exitCode, delayMs });
    this.#timer = setTimeout(() => {
      if (this.#closing) return;
      this.#spawn().then(
        () => this.log('info', 'embedded store serves again'),
        (error: Error) => this.#closing || this.#restart(error.message, 1, 0),
      );
    }, delayMs);
    this.#timer.unref();
  }

  /** Lets calls and writes in flight finish, then ends the worker; a worker that hangs is ended after 15 s. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (!worker) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const message: ToWorker = { kind: 'close' };
    worker.postMessage(message);
    const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}
