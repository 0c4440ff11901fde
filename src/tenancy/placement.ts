import type { PhysicalName, TenantScope } from './scope.js';

/**
 * Where a tenant's collection lives and how messages change on the way there and back. Services call both maps
 * always; in the dedicated layout (a collection of one's own) they change nothing.
 */
export interface Placement {
  readonly name: PhysicalName;
  mapRequest<Body>(request: Body): Body;
  mapReply(reply: Uint8Array): Uint8Array;
}

const unchanged = <Message>(message: Message): Message => message;

/** Finds the placement of a collection. Throws COLLECTION_NAME_INVALID. */
export function resolvePlacement(scope: TenantScope, collection: string): Placement {
  return { name: scope.physicalName(collection), mapRequest: unchanged, mapReply: unchanged };
}
