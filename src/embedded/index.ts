import { prepareDataDir } from './host/data-dir.js';
import { lockDataDir } from './host/lock.js';
import { storeSocketPath } from './host/socket-path.js';
import { Supervisor } from './host/supervisor.js';
import { EmbeddedStoreError, type EmbeddedStoreOptions, limitsOf } from './options.js';

export { EmbeddedStoreError, type EmbeddedStoreErrorCode, type EmbeddedStoreOptions } from './options.js';

export interface EmbeddedStore {
  /** Address for grpc-js, e.g. 'unix:/…/store.sock'. It stays the same when the worker is restarted. */
  readonly address: string;
  /** Finishes calls and writes in flight, closes the files, frees the lock. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Opens the store in `dataDir` and serves Qdrant's gRPC protocol on a unix socket, from a worker thread.
 * Throws EmbeddedStoreError: DATA_DIR_LOCKED (somebody has it open), DATA_DIR_UNUSABLE (cannot be made, read or
 * written, holds files of others, or its store file is damaged).
 */
export async function startEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const dataDir = prepareDataDir(options.dataDir);
  const lock = await lockDataDir(dataDir);
  const socket = storeSocketPath(dataDir);
  const log = options.onLog ?? (() => {});
  const supervisor = new Supervisor({ dataDir, socketPath: socket.path, limits: limitsOf(options) }, log);
  try {
    await supervisor.start();
  } catch (error) {
    socket.remove();
    await lock.release();
    const cause = error instanceof Error ? error.message : String(error);
    throw new EmbeddedStoreError(
      'DATA_DIR_UNUSABLE',
      `the store in ${options.dataDir} cannot be opened: ${cause}`,
    );
  }
  let closed: Promise<void> | undefined;
  const close = async () => {
    await supervisor.close();
    socket.remove();
    await lock.release();
  };
  return {
    address: `unix:${socket.path}`,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}
