import type { AccessScope } from './scope.js';

/** Who calls, as the credential proved it. */
export interface Principal {
  /** A name for logs; never a secret. */
  readonly name: string;
  /** Tenant ids the caller may act for; '*' is every tenant. */
  readonly tenants: '*' | ReadonlySet<string>;
  readonly scopes: ReadonlySet<AccessScope>;
}

/** The principal of every call when the gateway runs without credentials (loopback, or --insecure-no-auth). */
export const anonymousPrincipal: Principal = {
  name: 'anonymous',
  tenants: '*',
  scopes: new Set<AccessScope>(['read', 'write', 'admin']),
};
