/** Qdrant's RPCs about one collection that the gateway uses. */
export type CollectionMethod = keyof typeof methods;

export interface MethodInfo {
  /** What a token for one collection must allow; 'manage' is beyond any such token. */
  readonly access: 'r' | 'rw' | 'manage';
  /** Whether the call changes anything: its fate is unknown when the answer is lost. */
  readonly writes: boolean;
  /** Whether doing it twice leaves the same as doing it once. */
  readonly repeatable: boolean;
}

const read: MethodInfo = { access: 'r', writes: false, repeatable: true };
const write: MethodInfo = { access: 'rw', writes: true, repeatable: true };
// A second create or delete of a collection answers another thing than the first.
const change: MethodInfo = { access: 'manage', writes: true, repeatable: false };

/** Names are "Service/Rpc" of the package qdrant. */
export const methods = {
  'Points/Upsert': write,
  'Points/Delete': write,
  'Points/UpdateVectors': write,
  'Points/DeleteVectors': write,
  'Points/UpdateBatch': write,
  'Points/SetPayload': write,
  'Points/OverwritePayload': write,
  'Points/DeletePayload': write,
  'Points/ClearPayload': write,
  'Points/CreateFieldIndex': write,
  'Points/DeleteFieldIndex': write,
  'Points/CreateVectorName': change,
  'Points/DeleteVectorName': change,
  'Points/Get': read,
  'Points/Search': read,
  'Points/SearchBatch': read,
  'Points/SearchGroups': read,
  'Points/Recommend': read,
  'Points/RecommendBatch': read,
  'Points/RecommendGroups': read,
  'Points/Discover': read,
  'Points/DiscoverBatch': read,
  'Points/Query': read,
  'Points/QueryBatch': read,
  'Points/QueryGroups': read,
  'Points/Facet': read,
  'Points/SearchMatrixPairs': read,
  'Points/SearchMatrixOffsets': read,
  'Points/Scroll': read,
  'Points/Count': read,
  'Collections/Create': change,
  'Collections/Update': { ...write, access: 'manage' },
  'Collections/Delete': change,
  'Collections/Get': read,
  'Collections/CollectionExists': read,
  'Collections/ListCollectionAliases': read,
} as const satisfies Record<string, MethodInfo>;

/** An RPC that names no collection in its first field. */
export interface UnnamedMethod {
  readonly name: string;
  readonly info: MethodInfo;
}

// With a token for one collection Qdrant would list that one alone.
const readAll: MethodInfo = { ...read, access: 'manage' };

export const listMethod: UnnamedMethod = { name: 'Collections/List', info: readAll };
export const listAliasesMethod: UnnamedMethod = { name: 'Collections/ListAliases', info: readAll };
export const updateAliasesMethod: UnnamedMethod = { name: 'Collections/UpdateAliases', info: change };
export const healthMethod = 'Qdrant/HealthCheck';

export function pathOf(method: string): string {
  return `/qdrant.${method}`;
}
