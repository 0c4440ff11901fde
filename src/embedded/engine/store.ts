import type { StoreLimits, StoreLog } from '../options.js';
import { Arena } from './arena.js';
import { Catalog, type Collection } from './catalog.js';
import { CountTable } from './counts.js';
import { type Disk, openDisk } from './disk.js';
import { PayloadCache } from './payload-cache.js';
import { Points } from './points.js';
import { Purge } from './purge.js';
import { Spaces } from './spaces.js';
import { type WriteBatch, Writer } from './writer.js';

/** The engine: what is on disk, what of it is kept in memory, and the one writer that changes both. */
export class Store {
  readonly disk: Disk;
  readonly catalog: Catalog;
  readonly counts: CountTable;
  readonly writer: Writer;
  readonly spaces: Spaces;
  readonly payloads: PayloadCache;
  /** For calls that only read. */
  readonly points: Points;
  /** For operations of the writer. */
  readonly uncached: Points;
  readonly arena: Arena;
  readonly #purge: Purge;

  /** Throws when the store file cannot be opened or is damaged. */
  constructor(
    dataDir: string,
    readonly limits: StoreLimits,
    log: StoreLog,
  ) {
    this.disk = openDisk(dataDir);
    this.catalog = new Catalog(this.disk);
    this.counts = new CountTable(this.disk);
    this.writer = new Writer(this.disk, limits.maxQueuedWriteBytes, (cause) =>
      log('error', 'a write to the store file failed', { cause: String(cause) }),
    );
    this.arena = new Arena(limits.maxArenaBytes);
    this.spaces = new Spaces(this.disk, this.arena);
    this.payloads = new PayloadCache(limits.maxPayloadCacheBytes);
    this.points = new Points(this.disk, this.payloads);
    this.uncached = new Points(this.disk);
    this.#purge = new Purge(this.disk, this.catalog, this.writer);
    this.#purge.start();
  }

  removeCollection(batch: WriteBatch, collection: Collection): void {
    this.catalog.remove(batch, collection);
    this.counts.remove(batch, collection.id);
    batch.after(() => {
      this.spaces.drop(collection.id, collection.vectors);
      this.payloads.drop(collection.id);
      this.#purge.start();
    });
  }

  /** Lets submitted writes finish, then closes the file. */
  async close(): Promise<void> {
    await this.#purge.stop();
    await this.writer.idle();
    await this.disk.root.close();
  }
}
