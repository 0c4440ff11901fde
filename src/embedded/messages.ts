import type { StoreLimits, StoreLogLevel } from './options.js';

/** What the host gives the worker at its start. */
export interface WorkerInput {
  readonly dataDir: string;
  readonly socketPath: string;
  readonly limits: StoreLimits;
}

export type ToWorker = { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'log';
      readonly level: StoreLogLevel;
      readonly message: string;
      readonly fields?: Record<string, unknown>;
    };
