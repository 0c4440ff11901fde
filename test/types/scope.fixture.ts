// Compiled by types.test.ts, never run. Every directive names the error that must be there.
import type { Backend, CallContext } from '../../src/backend/index.js';
import * as tenancy from '../../src/tenancy/index.js';
import { type PhysicalName, resolvePlacement, type TenantScope } from '../../src/tenancy/index.js';
import { PhysicalName as NameClass, TenantScope as ScopeClass } from '../../src/tenancy/scope.js';

declare const backend: Backend;
declare const context: CallContext;
declare const scope: TenantScope;
const body = new Uint8Array(0);

// What is allowed compiles: the refusals below are not of everything.
export const allowed: PhysicalName = scope.physicalName('docs');
export const sent = backend.call('Points/Search', allowed, body, context);
export const placed = resolvePlacement(scope, 'docs').name;

// @ts-expect-error TS2345: a scope is not constructed from an id
export const constructed = new ScopeClass('42', '42');

// @ts-expect-error TS2345: nor with a symbol of one's own
export const constructedWithSymbol = new ScopeClass(Symbol('tenancy'), '42');

// @ts-expect-error TS2345: a physical name is not constructed from a text
export const constructedName = new NameClass('company_42_docs', 'company_42_docs');

// @ts-expect-error TS2339: the folder hands out the types, not the classes
export const exportedClass = tenancy.TenantScope;

// @ts-expect-error TS2339: nor the function that mints
export const exportedMint = tenancy.mintScope;

// @ts-expect-error TS2739: an object of the same shape is no scope
export const forged: TenantScope = {
  tenantId: '42',
  physicalName: () => allowed,
  ownName: () => undefined,
};

// @ts-expect-error TS2739: nor is a spread of a real one
export const spread: TenantScope = { ...scope, tenantId: '7' };

// @ts-expect-error TS2540: a real one does not change its tenant
scope.tenantId = '7';

// @ts-expect-error TS18013: nor show where it keeps it
export const hidden = scope.#tenantId;

// @ts-expect-error TS2741: an object of the same shape is no physical name
export const forgedName: PhysicalName = { forBackend: 'company_42_docs', toJSON: () => '' };

// @ts-expect-error TS2345: a text is no physical name
export const sentText = backend.call('Points/Search', 'company_42_docs', body, context);

declare const sameShape: { forBackend: string; toString(): string; toJSON(): string };
// @ts-expect-error TS2741: an object of the same shape is not sent either
export const sentForged = backend.call('Points/Search', sameShape, body, context);

// @ts-expect-error TS2345: a tenant id is no scope
export const placedText = resolvePlacement('42', 'docs');
