/** The one file of the store, in its data folder. */
export const STORE_FILE = 'store.mdb';

/** Why the store could not be started. */
export type EmbeddedStoreErrorCode = 'DATA_DIR_LOCKED' | 'DATA_DIR_UNUSABLE';

/** Thrown by startEmbeddedStore; the message says what to do and names only the data folder. */
export class EmbeddedStoreError extends Error {
  override readonly name = 'EmbeddedStoreError';
  constructor(
    readonly code: EmbeddedStoreErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export type StoreLogLevel = 'info' | 'warn' | 'error';
export type StoreLog = (level: StoreLogLevel, message: string, fields?: Record<string, unknown>) => void;

export interface EmbeddedStoreOptions {
  /** A folder of its own; made (mode 0700) when it does not exist. */
  dataDir: string;
  /** Memory for vectors being searched; what does not fit is read from disk at every search. Default 1 GiB, at most 4 GiB. */
  maxArenaBytes?: number;
  /** Decoded payloads kept for filters, counted in encoded bytes; in memory they take several times that. Default 32 MiB. */
  maxPayloadCacheBytes?: number;
  /** Largest request. Default 32 MiB, Qdrant's own limit. */
  maxRequestBytes?: number;
  /** Largest reply. Default 64 MiB, what the gateway's channels accept. */
  maxReplyBytes?: number;
  /** Writes that wait for the disk, in request bytes. Default 256 MiB. */
  maxQueuedWriteBytes?: number;
  onLog?: StoreLog;
}

export type StoreLimits = Required<Omit<EmbeddedStoreOptions, 'dataDir' | 'onLog'>>;

const MIB = 1024 * 1024;

export const limitsOf = (options: EmbeddedStoreOptions): StoreLimits => ({
  maxArenaBytes: Math.min(options.maxArenaBytes ?? 1024 * MIB, 4096 * MIB - 65_536),
  maxPayloadCacheBytes: options.maxPayloadCacheBytes ?? 32 * MIB,
  maxRequestBytes: options.maxRequestBytes ?? 32 * MIB,
  maxReplyBytes: options.maxReplyBytes ?? 64 * MIB,
  maxQueuedWriteBytes: options.maxQueuedWriteBytes ?? 256 * MIB,
});
