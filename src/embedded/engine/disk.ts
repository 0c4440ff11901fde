import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { STORE_FILE } from '../options.js';
import { checkStoreFile } from './store-file.js';

/** The tables of the store file. Values of `points` and `vectors` are bytes; `meta` holds JSON. */
export interface Disk {
  readonly root: RootDatabase<unknown, string>;
  readonly meta: Database<unknown, string>;
  /** [collection][id] → format byte, then the payload in reply form. A point exists when it is here. */
  readonly points: Database<Buffer, Buffer>;
  /** [collection][vector][id] → f32, little-endian, as compared (Cosine: normalised). */
  readonly vectors: Database<Buffer, Buffer>;
}

/** Opens or makes the store file. Throws when it is damaged or not writable. */
export function openDisk(dataDir: string): Disk {
  const path = join(dataDir, STORE_FILE);
  checkStoreFile(path);
  const root: RootDatabase<unknown, string> = open(path, {
    // Commit means on disk: with overlapping sync (lmdb-js' default) a promise would only mean "visible".
    overlappingSync: false,
    // The writer groups. lmdb's own grouping leaves a rejected promise behind when the disk is full.
    eventTurnBatching: false,
    maxDbs: 4,
    encoding: 'json',
  });
  const bytes = { encoding: 'binary', keyEncoding: 'binary' } as const;
  return {
    root,
    meta: root.openDB<unknown, string>('meta', { encoding: 'json' }),
    points: root.openDB<Buffer, Buffer>('points', bytes),
    vectors: root.openDB<Buffer, Buffer>('vectors', bytes),
  };
}
