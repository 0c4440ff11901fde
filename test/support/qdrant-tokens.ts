import { createHmac } from 'node:crypto';

// As a Qdrant with JWT RBAC on judges calls (1.18): the key may everything, a token what its claims say.
const managing = new Set([
  'Collections/Create',
  'Collections/Update',
  'Collections/Delete',
  'Collections/UpdateAliases',
  'Points/CreateVectorName',
  'Points/DeleteVectorName',
]);
// With a token for one collection these would hold that one only.
const listing = new Set(['Collections/List', 'Collections/ListAliases']);
const reading =
  /\/(Get|CollectionExists|ListCollectionAliases|(Search|Query|Recommend|Discover)(Batch|Groups)?|Scroll|Count|Facet|SearchMatrix\w+)$/;

/** Why this call is refused; undefined when it is not. */
export function refusalOf(
  key: string,
  presented: unknown,
  method: string,
  collection: string,
): string | undefined {
  if (presented === key || method.endsWith('/HealthCheck')) return undefined;
  const [header = '', claims = '', signature = ''] = String(presented).split('.');
  if (signature !== createHmac('sha256', key).update(`${header}.${claims}`).digest('base64url')) {
    return 'Invalid API key or JWT';
  }
  // Signed with the key, so made by the gateway: what it holds is asserted by the unit tests of its maker.
  const { exp, access } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    exp: number;
    access: { collection: string; access: string }[];
  };
  if (exp * 1000 < Date.now()) return 'ExpiredSignature';
  if (managing.has(method)) return 'Forbidden: Global access is required';
  if (listing.has(method)) return 'the list would hold one collection only';
  const granted = access.find((each) => each.collection === collection)?.access;
  if (granted === undefined) return `Forbidden: Access to collection ${collection} is required`;
  if (granted !== 'rw' && !reading.test(method)) {
    return `Forbidden: Write access to collection ${collection} is required`;
  }
  return undefined;
}
