import type { Distance } from '@qdrant/js-client-grpc';
import { notFound } from '../store-status.js';
import type { Disk } from './disk.js';
import type { WriteBatch } from './writer.js';

/** One dense vector of a collection; the unnamed one has the name ''. */
export interface VectorSpec {
  readonly name: string;
  /** Its number in keys. */
  readonly index: number;
  readonly size: number;
  readonly distance: Distance;
  readonly float16: boolean;
}

/** What is known of a collection, as kept in the meta table. Protobuf messages are base64. */
export interface Collection {
  /** Never reused: a deleted collection's points may still be on disk when a new one takes its name. */
  readonly id: number;
  readonly name: string;
  readonly vectors: readonly VectorSpec[];
  /** qdrant.CollectionConfig, for Get. */
  readonly config: string;
  /** Payload path → qdrant.PayloadSchemaInfo. */
  readonly indexes: Readonly<Record<string, string>>;
}

export interface Alias {
  readonly alias: string;
  readonly collection: string;
}

const COLLECTION = 'collection/';
const ALIAS = 'alias/';
const DROPPED = 'dropped/';
const NEXT_ID = 'next-collection-id';

/** Names and definitions of the collections: all in memory, written through `put…` and `remove…`. */
export class Catalog {
  readonly #collections = new Map<string, Collection>();
  readonly #aliases = new Map<string, string>();
  #nextId: number;

  constructor(private readonly disk: Disk) {
    // The casts say what this class itself wrote; nothing else writes the meta table.
    for (const { key, value } of disk.meta.getRange()) {
      if (key.startsWith(COLLECTION))
        this.#collections.set(key.slice(COLLECTION.length), value as Collection);
      else if (key.startsWith(ALIAS)) this.#aliases.set(key.slice(ALIAS.length), value as string);
    }
    this.#nextId = (disk.meta.get(NEXT_ID) as number | undefined) ?? 1;
  }

  has(name: string): boolean {
    return this.#collections.has(name);
  }

  hasAlias(alias: string): boolean {
    return this.#aliases.has(alias);
  }

  /** By name or alias; undefined when there is none. */
  find(name: string): Collection | undefined {
    return this.#collections.get(name) ?? this.#collections.get(this.#aliases.get(name) ?? '');
  }

  /** By name or alias; throws NOT_FOUND. */
  get(name: string): Collection {
    const collection = this.find(name);
    if (!collection) throw notFound(`Not found: Collection \`${name}\` doesn't exist!`);
    return collection;
  }

  names(): string[] {
    return [...this.#collections.keys()].sort();
  }

  aliases(): Alias[] {
    return [...this.#aliases].map(([alias, collection]) => ({ alias, collection }));
  }

  create(batch: WriteBatch, definition: Omit<Collection, 'id'>): void {
    const id = this.#nextId++;
    batch.write(() => this.disk.meta.put(NEXT_ID, this.#nextId));
    this.put(batch, { ...definition, id });
  }

  put(batch: WriteBatch, collection: Collection): void {
    batch.write(() => this.disk.meta.put(COLLECTION + collection.name, collection));
    batch.after(() => this.#collections.set(collection.name, collection));
  }

  /** Forgets the collection and its aliases; its points go later (see Purge). */
  remove(batch: WriteBatch, collection: Collection): void {
    batch.write(() => this.disk.meta.remove(COLLECTION + collection.name));
    batch.write(() => this.disk.meta.put(DROPPED + collection.id, collection.id));
    batch.after(() => this.#collections.delete(collection.name));
    for (const { alias, collection: target } of this.aliases()) {
      if (target === collection.name) this.removeAlias(batch, alias);
    }
  }

  putAlias(batch: WriteBatch, alias: string, collection: string): void {
    batch.write(() => this.disk.meta.put(ALIAS + alias, collection));
    batch.after(() => this.#aliases.set(alias, collection));
  }

  removeAlias(batch: WriteBatch, alias: string): void {
    batch.write(() => this.disk.meta.remove(ALIAS + alias));
    batch.after(() => this.#aliases.delete(alias));
  }

  /** Ids of removed collections whose points may still be on disk. */
  dropped(): number[] {
    const range = this.disk.meta.getRange({ start: DROPPED, end: `${DROPPED}\uffff` });
    return [...range].map(({ value }) => value as number);
  }

  forgetDropped(batch: WriteBatch, id: number): void {
    batch.write(() => this.disk.meta.remove(DROPPED + id));
  }
}
