// mint.ts is left out on purpose: one transport file imports it directly.
export { checkCollectionName, isTenantId } from './names.js';
export { type Placement, resolvePlacement } from './placement.js';
export { anonymousPrincipal, type Principal } from './principal.js';
export type { AccessScope, PhysicalName, TenantScope } from './scope.js';
