import type { CollectionInfo } from '@qdrant/js-client-grpc';
import type { Backend, CallContext } from '../backend/index.js';
import { GatewayError } from '../errors/index.js';
import type { PhysicalName } from '../tenancy/index.js';
import { readCollectionInfo } from './collection-info.js';

/** What the gateway must know of a collection to check a request against it. */
export interface CollectionFacts {
  /** Floats in each dense vector, by its name; the one of a collection without names is ''. */
  readonly denseSizes: ReadonlyMap<string, number>;
  /** Names of all vectors, sparse ones too. */
  readonly vectorNames: ReadonlySet<string>;
  /** Whether all that its points have is one dense vector without a name. */
  readonly isPlain: boolean;
}

/** Floats in the vector of a collection that has but one. Throws COLLECTION_UNSUPPORTED. */
export function plainVectorSize({ denseSizes, isPlain }: CollectionFacts): number {
  const size = denseSizes.get('');
  if (isPlain && size !== undefined) return size;
  throw new GatewayError(
    'COLLECTION_UNSUPPORTED',
    'the collection has named, sparse or multiple vectors: use the services of the package qdrant',
  );
}

export interface FactsCacheOptions {
  /** How long a fact is believed without asking again. */
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly nowMs?: () => number;
}

interface Entry {
  readonly facts: CollectionFacts;
  readonly expiresAtMs: number;
}

/**
 * Facts of collections, cached by their place in the backend. Only existing collections are remembered: one that is
 * missing is looked up again at each call, so that a collection created elsewhere is seen at once.
 */
export class FactsCache {
  readonly #backend: Backend;
  readonly #options: FactsCacheOptions;
  readonly #nowMs: () => number;
  // A Map keeps insertion order: the first key is the oldest and leaves first when the cache is full.
  readonly #entries = new Map<string, Entry>();

  constructor(backend: Backend, options: FactsCacheOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** The facts, from the cache when fresh. Throws COLLECTION_NOT_FOUND. */
  async get(name: PhysicalName, context: CallContext): Promise<CollectionFacts> {
    const entry = this.#entries.get(name.forBackend);
    if (entry !== undefined && entry.expiresAtMs > this.#nowMs()) return entry.facts;
    return this.refresh(name, context);
  }

  /** The facts as the backend has them now. */
  async refresh(name: PhysicalName, context: CallContext): Promise<CollectionFacts> {
    this.drop(name);
    const facts = factsOf(await fetchCollectionInfo(this.#backend, name, context));
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#options.maxEntries && !oldest.done) this.#entries.delete(oldest.value);
    this.#entries.set(name.forBackend, { facts, expiresAtMs: this.#nowMs() + this.#options.ttlMs });
    return facts;
  }

  drop(name: PhysicalName): void {
    this.#entries.delete(name.forBackend);
  }
}

/** Qdrant's description of a collection. Throws COLLECTION_NOT_FOUND. */
async function fetchCollectionInfo(
  backend: Backend,
  name: PhysicalName,
  context: CallContext,
): Promise<CollectionInfo> {
  const reply = await backend.call('Collections/Get', name, new Uint8Array(0), context);
  const info = readCollectionInfo(reply);
  if (info === undefined) {
    throw new GatewayError('BACKEND_ERROR', 'the backend described the collection without any content');
  }
  return info;
}

function factsOf(info: CollectionInfo): CollectionFacts {
  const params = info.config?.params;
  const config = params?.vectorsConfig?.config;
  const sparse = Object.keys(params?.sparseVectorsConfig?.map ?? {});
  if (config?.case === 'params') {
    const { size, multivectorConfig } = config.value;
    const isPlain = multivectorConfig === undefined && sparse.length === 0;
    return { denseSizes: new Map([['', Number(size)]]), vectorNames: new Set(['', ...sparse]), isPlain };
  }
  const named = Object.entries(config?.case === 'paramsMap' ? config.value.map : {});
  return {
    denseSizes: new Map(named.map(([name, { size }]) => [name, Number(size)])),
    vectorNames: new Set([...named.map(([name]) => name), ...sparse]),
    isPlain: false,
  };
}
