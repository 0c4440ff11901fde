import type { PhysicalName } from '../tenancy/index.js';
import type { MessageBody } from '../wire/index.js';
import type { CollectionMethod } from './methods.js';

/** What a call carries through the gateway. */
export interface CallContext {
  /** Aborted by the caller's cancel, its deadline or the shutdown; the reason is a GatewayError. */
  readonly signal: AbortSignal;
  /** Epoch ms; Infinity when the caller set no deadline. */
  readonly deadlineAtMs: number;
  /** Counted up by every attempt at the backend. */
  attempts: number;
  /**
   * Set by callers that keep every other write to the same points back until this one is answered: then a write
   * whose fate is unknown may be sent again.
   */
  readonly repeatTornWrites?: boolean;
}

/** An alias as the backend knows it. */
export interface PhysicalAlias {
  readonly alias: string;
  readonly collection: string;
}

export type AliasAction =
  | { readonly kind: 'create'; readonly alias: PhysicalName; readonly collection: PhysicalName }
  | { readonly kind: 'rename'; readonly from: PhysicalName; readonly to: PhysicalName }
  | { readonly kind: 'delete'; readonly alias: PhysicalName };

/** Something that speaks Qdrant's gRPC protocol. Everything rejects with GatewayError only. */
export interface Backend {
  /** Sends collection_name (from `name`) and `body`, the encoded request without it; resolves to the reply's bytes. */
  call(
    method: CollectionMethod,
    name: PhysicalName,
    body: Uint8Array | MessageBody,
    context: CallContext,
  ): Promise<Buffer>;
  /** Physical names of all collections, of every tenant: only for filtering by a scope. */
  listCollections(context: CallContext): Promise<readonly string[]>;
  /** All aliases, of every tenant, and the collections behind them: only for filtering by a scope. */
  listAliases(context: CallContext): Promise<readonly PhysicalAlias[]>;
  /** Makes all changes or none. */
  updateAliases(actions: readonly AliasAction[], context: CallContext): Promise<Buffer>;
  /** Whether the backend can be used at all; the error's text is for the operator's log, not for callers. */
  check(context: CallContext): Promise<{ readonly version: string }>;
  stats(): BackendStats;
  /** Closes the connections; calls in flight may end. */
  close(): Promise<void>;
}

export type BreakerState = 'closed' | 'half_open' | 'open';

export interface EndpointStats {
  readonly breaker: BreakerState;
  readonly channels: number;
  readonly readyChannels: number;
  readonly inFlight: number;
}

export interface BackendStats {
  readonly inFlight: number;
  /** Calls that wait for a place. */
  readonly waiting: number;
  readonly endpoints: readonly EndpointStats[];
}

/** Told what happens, for log and metrics. None may throw. */
export interface BackendHooks {
  /** `outcome` is "ok" or the name of a gRPC status code. */
  readonly onAttempt?: (outcome: string) => void;
  readonly onRetry?: () => void;
  readonly onBreakerChange?: (endpoint: number, state: BreakerState) => void;
  readonly onLog?: (level: 'info' | 'warn', message: string, fields: Record<string, unknown>) => void;
}
