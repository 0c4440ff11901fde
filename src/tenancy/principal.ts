import type { AccessScope } from './scope.js';

/** Who calls, as a credential proved it: a key, a token or a certificate. */
export interface Principal {
  /** A name for logs; never a secret. */
  readonly name: string;
  /** Tenant ids the caller may act for; '*' is every tenant. */
  readonly tenants: '*' | ReadonlySet<string>;
  readonly scopes: ReadonlySet<AccessScope>;
  /** Epoch ms from which on the credential proves nothing; Infinity for never. */
  readonly expiresAtMs: number;
}

/** The principal of every call when the gateway runs without credentials (loopback, or --insecure-no-auth). */
export const anonymousPrincipal: Principal = {
  name: 'anonymous',
  tenants: '*',
  scopes: new Set<AccessScope>(['read', 'write', 'admin']),
  expiresAtMs: Number.POSITIVE_INFINITY,
};
