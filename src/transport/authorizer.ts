import type { Metadata, ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import type { Authenticator, Presented } from '../identity/index.js';
import type { AccessScope, Principal, TenantScope } from '../tenancy/index.js';
import { mintScope } from '../tenancy/mint.js';

/** Who calls, and for whom. */
export interface Admission {
  readonly principal: Principal;
  readonly scope: TenantScope;
  /** As the authenticator had it before it was asked. */
  readonly revision: number | undefined;
}

/** The parts of a grpc-js call that tell where it comes from. */
export type Origin = Pick<ServerInterceptingCallInterface, 'getAuthContext' | 'getConnectionInfo'>;

/**
 * Decides from metadata and connection alone what a call may touch, before any of its messages is read. The only
 * importer of the minting function.
 */
export class Authorizer {
  readonly #authenticator: Authenticator;
  readonly #tenantHeader: string;
  // The scope travels beside the metadata of its call: a handler that was reached in any other way finds none.
  readonly #scopes = new WeakMap<Metadata, TenantScope>();

  constructor(authenticator: Authenticator, tenantHeader: string) {
    this.#authenticator = authenticator;
    this.#tenantHeader = tenantHeader;
  }

  get revision(): number | undefined {
    return this.#authenticator.revision;
  }

  /** What the caller shows. While the call begins, and not later: a connection that is gone shows nothing. */
  presentedBy(metadata: Metadata, origin: Origin): Presented {
    const certificate = this.#authenticator.usesCertificates
      ? origin.getAuthContext().sslPeerCertificate
      : undefined;
    return { authorization: metadata.get('authorization'), certificate };
  }

  /**
   * Throws or rejects with the typed error of what is missing or not allowed. `onPrincipal` hears who calls, also when
   * that is not allowed what it asks for.
   */
  authorize(
    metadata: Metadata,
    presented: Presented,
    address: string,
    needs: AccessScope,
    onPrincipal: (principal: Principal) => void,
  ): Admission | Promise<Admission> {
    const { revision } = this;
    const found = this.#authenticator.authenticate(presented, address);
    const admit = (principal: Principal): Admission => {
      onPrincipal(principal);
      const scope = mintScope(principal, this.#tenantHeader, metadata.get(this.#tenantHeader), needs);
      this.#scopes.set(metadata, scope);
      return { principal, scope, revision };
    };
    return found instanceof Promise ? found.then(admit) : admit(found);
  }

  /** Judges a call that was let in by what holds now. Rejects with the typed error of what does not any more. */
  async judgeAgain(
    metadata: Metadata,
    presented: Presented,
    needs: AccessScope,
  ): Promise<Omit<Admission, 'scope'>> {
    const { revision } = this;
    const principal = await this.#authenticator.recheck(presented);
    mintScope(principal, this.#tenantHeader, metadata.get(this.#tenantHeader), needs);
    return { principal, revision };
  }

  /** The scope that authorize() gave to the call with this metadata. */
  scopeOf(metadata: Metadata): TenantScope {
    const scope = this.#scopes.get(metadata);
    if (scope === undefined)
      throw new GatewayError('INTERNAL', 'internal error', { cause: 'call without a scope' });
    return scope;
  }
}
