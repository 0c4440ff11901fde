import type { JWTPayload } from 'jose';
import { GatewayError } from '../../errors/index.js';
import { type AccessScope, isTenantId, type Principal } from '../../tenancy/index.js';
import { scopeNames } from '../json-fields.js';

export interface ClaimNames {
  readonly tenantsClaim: string;
  readonly scopesClaim: string;
}

/**
 * What the claims of a verified token allow. A claim that is missing allows nothing; one that cannot be read refuses
 * the token with CREDENTIAL_INVALID.
 */
export function principalOf(payload: JWTPayload, names: ClaimNames, expiresAtMs: number): Principal {
  return {
    name: `jwt:${subjectOf(payload.sub)}`,
    tenants: tenantsOf(own(payload, names.tenantsClaim), names.tenantsClaim),
    scopes: scopesOf(own(payload, names.scopesClaim), names.scopesClaim),
    expiresAtMs,
  };
}

function own(payload: JWTPayload, claim: string): unknown {
  return Object.hasOwn(payload, claim) ? payload[claim] : undefined;
}

function subjectOf(subject: unknown): string {
  return typeof subject === 'string' && /^[!-~]{1,128}$/.test(subject) ? subject : 'unnamed';
}

/** "42", 42, ["42", "43"], or "*". */
function tenantsOf(value: unknown, claim: string): Principal['tenants'] {
  if (value === undefined) return new Set();
  if (value === '*') return '*';
  const items: unknown[] = Array.isArray(value) ? value : [value];
  if (items.length > maxTenants) throw unreadable(claim, `has more than ${maxTenants} tenants`);
  return new Set(
    items.map((item) => {
      // Ids are numbers in many systems, and as text they are the same id.
      const text = Number.isSafeInteger(item) ? String(item) : item;
      if (typeof text === 'string' && isTenantId(text)) return text;
      throw unreadable(claim, 'must hold tenant ids, as a text or a list');
    }),
  );
}

/** "read write", or ["read", "write"]. Tokens carry scopes of others too. */
function scopesOf(value: unknown, claim: string): ReadonlySet<AccessScope> {
  if (value === undefined) return new Set();
  const items: unknown[] =
    typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [null];
  if (items.some((item) => typeof item !== 'string')) {
    throw unreadable(claim, 'must hold scopes, as a text with spaces or a list');
  }
  return new Set(scopeNames.filter((scope) => items.includes(scope)));
}

function unreadable(claim: string, problem: string): GatewayError {
  return new GatewayError('CREDENTIAL_INVALID', `the claim "${claim}" of the token ${problem}`);
}

const maxTenants = 1_000;
