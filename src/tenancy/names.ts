import { fieldError, GatewayError } from '../errors/index.js';

// No `_` in a tenant id: it separates the id from the collection in the physical name, and that is what makes
// the name injective. Nothing is normalised: "42" and "042" are two tenants.
const tenantIdPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const collectionPattern = /^[a-z0-9][a-z0-9_-]{0,127}$/;
const prefix = 'company_';

function describeCharacter(text: string, allowed: RegExp): string {
  const bad = Array.from(text).find((character) => !allowed.test(character));
  if (bad === undefined) return '';
  const codePoint = bad.codePointAt(0) ?? 0;
  const hex = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  return codePoint > 0x20 && codePoint < 0x7f ? ` (found "${bad}")` : ` (found ${hex})`;
}

/** Checks a tenant id as it came in the header. Throws TENANT_ID_INVALID. */
export function checkTenantId(tenantId: string, headerName: string): void {
  if (tenantIdPattern.test(tenantId)) return;
  throw new GatewayError(
    'TENANT_ID_INVALID',
    `metadata "${headerName}" is not a tenant id: 1 to 63 characters a-z, 0-9 and '-', beginning with a letter or digit` +
      describeCharacter(tenantId, /[a-z0-9-]/),
    { violations: [{ field: headerName, description: 'not a tenant id', reason: 'TENANT_ID_INVALID' }] },
  );
}

/** Whether `tenantId` has the form of a tenant id (for key files and configuration). */
export function isTenantId(tenantId: string): boolean {
  return tenantIdPattern.test(tenantId);
}

/** Checks a tenant's own name of a collection. Throws COLLECTION_NAME_INVALID. */
export function checkCollectionName(collection: string, field = 'collection'): void {
  if (collectionPattern.test(collection)) return;
  const rule = "1 to 128 characters a-z, 0-9, '_' and '-', beginning with a letter or digit";
  const found = collection === '' ? ' (it is empty)' : describeCharacter(collection, /[a-z0-9_-]/);
  throw fieldError('COLLECTION_NAME_INVALID', field, `must have ${rule}${found}`);
}

/** The collection's name in the backend. Both parts must have been checked. */
export function joinPhysicalName(tenantId: string, collection: string): string {
  return `${prefix}${tenantId}_${collection}`;
}

/** The tenant's own name for a collection of the backend, or undefined when it is not this tenant's. */
export function ownCollectionName(tenantId: string, physicalName: string): string | undefined {
  const own = joinPhysicalName(tenantId, '');
  if (!physicalName.startsWith(own)) return undefined;
  const collection = physicalName.slice(own.length);
  return collectionPattern.test(collection) ? collection : undefined;
}
