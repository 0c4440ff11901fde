import type { Metadata } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import type { AccessScope, Principal, TenantScope } from '../tenancy/index.js';
import { mintScope } from '../tenancy/mint.js';

/** Proves who calls, from the values of the `authorization` metadata. Throws CREDENTIAL_MISSING or _INVALID. */
export type Authenticate = (authorizationValues: readonly (string | Buffer)[]) => Principal;

/**
 * Decides from metadata alone what a call may touch, before any of its messages is read. The only importer of the
 * minting function.
 */
export class Authorizer {
  readonly #authenticate: Authenticate;
  readonly #tenantHeader: string;
  // The scope travels beside the metadata of its call: a handler that was reached in any other way finds none.
  readonly #scopes = new WeakMap<Metadata, TenantScope>();

  constructor(authenticate: Authenticate, tenantHeader: string) {
    this.#authenticate = authenticate;
    this.#tenantHeader = tenantHeader;
  }

  /** Throws the typed error of what is missing or not allowed. */
  authorize(metadata: Metadata, needs: AccessScope): TenantScope {
    const principal = this.#authenticate(metadata.get('authorization'));
    const scope = mintScope(principal, this.#tenantHeader, metadata.get(this.#tenantHeader), needs);
    this.#scopes.set(metadata, scope);
    return scope;
  }

  /** The scope that authorize() gave to the call with this metadata. */
  scopeOf(metadata: Metadata): TenantScope {
    const scope = this.#scopes.get(metadata);
    if (scope === undefined)
      throw new GatewayError('INTERNAL', 'internal error', { cause: 'call without a scope' });
    return scope;
  }
}
