import type { Principal } from '../tenancy/index.js';

/** What both credentials allow: of a call that shows a certificate and a key, each narrows the other. */
export function narrower(a: Principal, b: Principal): Principal {
  return {
    name: `${a.name}+${b.name}`,
    tenants: commonTenants(a.tenants, b.tenants),
    scopes: new Set([...a.scopes].filter((scope) => b.scopes.has(scope))),
    expiresAtMs: Math.min(a.expiresAtMs, b.expiresAtMs),
  };
}

function commonTenants(a: Principal['tenants'], b: Principal['tenants']): Principal['tenants'] {
  if (a === '*') return b;
  return b === '*' ? a : new Set([...a].filter((tenant) => b.has(tenant)));
}
