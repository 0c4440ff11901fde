import { GatewayError } from '../errors/index.js';
import { checkTenantId } from './names.js';
import type { Principal } from './principal.js';
import { type AccessScope, constructScope, type TenantScope } from './scope.js';

/**
 * Makes the scope of a call: the header narrows what the principal may do, never widens it. Throws
 * TENANT_ID_MISSING, TENANT_ID_INVALID, TENANT_FORBIDDEN or SCOPE_FORBIDDEN. Imported by one transport file only.
 *
 * `headerValues` are all values of the tenant header, as they came.
 */
export function mintScope(
  principal: Principal,
  headerName: string,
  headerValues: readonly (string | Buffer)[],
  needed: AccessScope,
): TenantScope {
  const value = headerValues[0];
  if (value === undefined || value === '') {
    const state = value === undefined ? 'is missing' : 'is empty';
    throw new GatewayError(
      'TENANT_ID_MISSING',
      `metadata "${headerName}" ${state} (grpcurl: -H '${headerName}: 42')`,
    );
  }
  // HTTP/2 joins a header that is given twice with a comma.
  if (headerValues.length > 1 || typeof value !== 'string' || value.includes(',')) {
    throw new GatewayError('TENANT_ID_INVALID', `metadata "${headerName}" must be given once, as text`);
  }
  checkTenantId(value, headerName);
  // The same answer whether the tenant exists or not: the gateway does not look.
  if (principal.tenants !== '*' && !principal.tenants.has(value)) {
    throw new GatewayError('TENANT_FORBIDDEN', 'the credential does not cover this tenant');
  }
  if (!principal.scopes.has(needed)) {
    throw new GatewayError('SCOPE_FORBIDDEN', `the credential lacks the scope "${needed}"`);
  }
  return constructScope(value);
}
