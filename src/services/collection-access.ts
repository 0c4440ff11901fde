import type { CallContext, CollectionMethod } from '../backend/index.js';
import { GatewayError } from '../errors/index.js';
import { type Placement, resolvePlacement, type TenantScope } from '../tenancy/index.js';
import type { MessageBody } from '../wire/index.js';
import type { ServiceDeps } from './deps.js';
import { type CollectionFacts, plainVectorSize } from './facts.js';

/** One tenant's collection during one call: its place, and calls to the backend about it. */
export class CollectionAccess {
  readonly collection: string;
  readonly #deps: ServiceDeps;
  readonly #placement: Placement;
  readonly #context: CallContext;

  /** Throws COLLECTION_NAME_INVALID. */
  constructor(deps: ServiceDeps, scope: TenantScope, collection: string | undefined, context: CallContext) {
    this.collection = collection ?? '';
    this.#deps = deps;
    this.#placement = resolvePlacement(scope, this.collection);
    this.#context = context;
  }

  /** Throws COLLECTION_NOT_FOUND when the tenant has no such collection. */
  async facts(): Promise<CollectionFacts> {
    return this.#named(() => this.#deps.facts.get(this.#placement.name, this.#context));
  }

  /** As facts(), asking the backend: another gateway may have re-created the collection. */
  async freshFacts(): Promise<CollectionFacts> {
    return this.#named(() => this.#deps.facts.refresh(this.#placement.name, this.#context));
  }

  /** Sends the request (without collection_name) through the placement. Throws as Backend.call does. */
  async call(
    method: CollectionMethod,
    body: Uint8Array | MessageBody,
    context = this.#context,
  ): Promise<Uint8Array> {
    const reply = await this.#named(() =>
      this.#deps.backend.call(method, this.#placement.name, this.#placement.mapRequest(body), context),
    );
    return this.#placement.mapReply(reply);
  }

  /** After a change that makes the cached facts wrong. */
  forgetFacts(): void {
    this.#deps.facts.drop(this.#placement.name);
  }

  // Errors name the collection as the caller does, and a surprise from the backend makes cached facts doubtful.
  async #named<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      if (error.reason === 'COLLECTION_NOT_FOUND' || error.reason === 'BACKEND_REJECTED') {
        this.forgetFacts();
      }
      throw error.reason === 'COLLECTION_NOT_FOUND' ? collectionNotFound(this.collection, error) : error;
    }
  }
}

export function collectionNotFound(collection: string, cause?: unknown): GatewayError {
  return new GatewayError('COLLECTION_NOT_FOUND', `collection "${collection}" does not exist`, {
    cause,
    metadata: { collection },
  });
}

/**
 * Runs `check` with the collection's vector size. A mismatch is believed only after the size was read once more:
 * the cached one may be of a collection that has been re-created since.
 */
export async function withVectorSize<T>(
  access: CollectionAccess,
  check: (vectorSize: number) => T,
  mismatched: (result: T) => boolean,
): Promise<T> {
  const known = plainVectorSize(await access.facts());
  const result = check(known);
  if (!mismatched(result)) return result;
  const fresh = plainVectorSize(await access.freshFacts());
  return fresh === known ? result : check(fresh);
}
