import { checkCollectionName, joinPhysicalName, ownCollectionName } from './names.js';

/** What a credential allows on a tenant's data. */
export type AccessScope = 'read' | 'write' | 'admin';

// Held by this module alone: who does not have it cannot construct either class.
const mintKey: unique symbol = Symbol('tenancy');
export type MintKey = typeof mintKey;

/**
 * The name of a collection in the backend. Only a TenantScope makes one, so holding it proves that the caller
 * may touch that collection. The text is private to the backend's requests: never put it in a reply.
 */
export class PhysicalName {
  readonly #name: string;

  constructor(key: MintKey, name: string) {
    if (key !== mintKey) throw new TypeError('a PhysicalName comes from a TenantScope');
    this.#name = name;
  }

  /** The name as the backend knows it. */
  get forBackend(): string {
    return this.#name;
  }

  // Logs and JSON must not show what other tenants' names look like.
  toString(): string {
    return '[PhysicalName]';
  }

  toJSON(): string {
    return '[PhysicalName]';
  }
}

/** The right to act for one tenant. Made by src/tenancy/mint.ts from a verified principal and the header. */
export class TenantScope {
  readonly #tenantId: string;

  constructor(key: MintKey, tenantId: string) {
    if (key !== mintKey) throw new TypeError('a TenantScope is minted by src/tenancy');
    this.#tenantId = tenantId;
  }

  get tenantId(): string {
    return this.#tenantId;
  }

  /** The backend's name of the tenant's collection. Throws COLLECTION_NAME_INVALID. */
  physicalName(collection: string): PhysicalName {
    checkCollectionName(collection);
    return new PhysicalName(mintKey, joinPhysicalName(this.#tenantId, collection));
  }

  /**
   * The same as a text, for a message that refers to a collection besides the one it is about. Throws
   * COLLECTION_NAME_INVALID.
   */
  referenceTo(collection: string): string {
    return this.physicalName(collection).forBackend;
  }

  /** The tenant's own name for a collection of the backend; undefined when it belongs to somebody else. */
  ownName(physicalName: string): string | undefined {
    return ownCollectionName(this.#tenantId, physicalName);
  }
}

/** For mint.ts alone (the tidy test holds that): makes a scope from a tenant id that has been checked. */
export function constructScope(tenantId: string): TenantScope {
  return new TenantScope(mintKey, tenantId);
}
