import {
  type ReadConsistency,
  ReadConsistencyType,
  type ShardKeySelector,
  type WriteOrdering,
  WriteOrderingType,
} from '@qdrant/js-client-grpc';
import { invalid, validation } from '../store-status.js';

const MAX_NAME_CHARACTERS = 255;
const NEVER_IN_NAMES = ['/', '\0'];
/** Characters that file systems dislike; Qdrant refuses them in new names only. */
const NEVER_IN_NEW_NAMES = [...NEVER_IN_NAMES, '\\', '<', '>', ':', '"', '|', '?', '*', '\x1f'];

function checkName(field: string, name: string, forbidden: readonly string[]): void {
  const characters = name.length > 2 * MAX_NAME_CHARACTERS ? name.length : [...name].length;
  if (characters < 1 || characters > MAX_NAME_CHARACTERS) {
    const shown = name.slice(0, MAX_NAME_CHARACTERS);
    throw validation(field, `value "${shown}" invalid, must be from 1 to ${MAX_NAME_CHARACTERS} characters`);
  }
  const found = forbidden.find((character) => name.includes(character));
  if (found !== undefined) throw validation(field, `collection name cannot contain "${found}" char`);
}

export const checkCollectionName = (name: string): void => checkName('collection_name', name, NEVER_IN_NAMES);

/** Stricter, as in Qdrant; "." and ".." are refused too, because a Qdrant would take them for folders. */
export function checkNewCollectionName(name: string): void {
  checkName('collection_name', name, NEVER_IN_NEW_NAMES);
  if (name === '.' || name === '..') throw validation('collection_name', `"${name}" is not a name`);
}

/** Qdrant takes any text for an alias; here it is part of a key on disk, whose length is limited. */
export function checkNewAlias(alias: string): void {
  if (alias.length > MAX_NAME_CHARACTERS) {
    throw validation('alias_name', `longer than ${MAX_NAME_CHARACTERS} characters`);
  }
}

interface Common {
  readonly collectionName: string;
  readonly timeout?: bigint;
  readonly shardKeySelector?: ShardKeySelector;
}

/** What all requests about points have. */
function checkCommon({ collectionName, timeout, shardKeySelector }: Common): void {
  checkCollectionName(collectionName);
  if (timeout === 0n) throw validation('timeout', 'value 0 invalid, must be 1 or larger');
  const [shardKey] = shardKeySelector?.shardKeys ?? [];
  if (shardKey)
    throw invalid(`Bad request: Shard key ${JSON.stringify(String(shardKey.key.value))} not found`);
}

export function checkRead(request: Common & { readonly readConsistency?: ReadConsistency }): void {
  checkCommon(request);
  const consistency = request.readConsistency?.value;
  if (!consistency) return;
  if (consistency.case === undefined) {
    throw invalid('invalid read consistency message: `ReadConsistency::value` field is `None`');
  }
  if (consistency.case === 'factor' && consistency.value === 0n) {
    throw validation('factor', 'value 0 invalid, must be 1 or larger');
  }
  if (consistency.case === 'type' && ReadConsistencyType[consistency.value] === undefined) {
    throw invalid(`invalid read consistency type value ${consistency.value}`);
  }
}

export function checkWrite(request: Common & { readonly ordering?: WriteOrdering }): void {
  checkCommon(request);
  const ordering = request.ordering?.type;
  if (ordering !== undefined && WriteOrderingType[ordering] === undefined) {
    throw invalid(`cannot convert ordering: ${ordering}`);
  }
}

/** A limit or offset as a number: unset gives `fallback`; more than a list can hold is cut to that. */
export function countOf(
  field: string,
  value: bigint | number | undefined,
  fallback: number,
  min: number,
): number {
  if (value === undefined) return fallback;
  if (value < min) throw validation(field, `value ${value} invalid, must be ${min} or larger`);
  return Math.min(Number(value), MAX_COUNT);
}

/** No collection of this store is larger. */
const MAX_COUNT = 2 ** 31;
