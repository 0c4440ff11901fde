import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { CallContext } from '../backend/index.js';
import { fieldError, GatewayError, type Reason } from '../errors/index.js';
import type { TenantScope } from '../tenancy/index.js';
import {
  checkQdrantRequest,
  decodeQdrantRequest,
  type Face,
  type NameReference,
} from '../wire/qdrant/index.js';
import { CollectionAccess } from './collection-access.js';
import type { ServiceDeps } from './deps.js';
import type { CollectionFacts } from './facts.js';

/** A message of Qdrant's protocol about one collection. */
export type AboutCollection<Desc extends DescMessage> = Desc & {
  readonly field: { readonly collectionName: unknown };
};
type Named = { collectionName: string };

/** A request of Qdrant's protocol that was checked, and where it goes. */
export interface CheckedRequest<Desc extends DescMessage> {
  readonly access: CollectionAccess;
  /** Ready to be encoded: without its collection's name, other names as the backend knows them. */
  readonly message: MessageShape<Desc>;
}

/**
 * Decodes a request about a collection that must exist, and checks every field of it. Throws COLLECTION_NOT_FOUND
 * for the collection or one that the request refers to, and what checkQdrantRequest throws.
 */
export async function readRequest<Desc extends DescMessage>(
  deps: ServiceDeps,
  scope: TenantScope,
  schema: AboutCollection<Desc>,
  request: Uint8Array,
  context: CallContext,
): Promise<CheckedRequest<Desc> & { readonly facts: CollectionFacts }> {
  return checkRequest(deps, scope, schema, decodeQdrantRequest(schema, request), context);
}

/** The same for a request that was decoded. */
export async function checkRequest<Desc extends DescMessage>(
  deps: ServiceDeps,
  scope: TenantScope,
  schema: AboutCollection<Desc>,
  message: MessageShape<Desc>,
  context: CallContext,
  face?: Face,
): Promise<CheckedRequest<Desc> & { readonly facts: CollectionFacts }> {
  const collection = nameIn(message);
  const access = new CollectionAccess(deps, scope, collection, context);
  const check = (facts: CollectionFacts): NameReference[] =>
    checkQdrantRequest(schema, message, collection, facts, face);
  let facts = await access.facts();
  let references: NameReference[];
  try {
    references = check(facts);
  } catch (error) {
    if (!(error instanceof GatewayError) || !aboutVectors.has(error.reason)) throw error;
    // Believed only after the size was read once more: the collection may have been made anew.
    facts = await access.freshFacts();
    references = check(facts);
  }
  await resolve(deps, scope, references, context);
  clearName(message);
  return { access, message, facts };
}

/**
 * The same, encoded again: nothing holds the message while the backend works, which in memory is many times its bytes.
 */
export async function readEncoded<Desc extends DescMessage>(
  ...request: Parameters<typeof readRequest<Desc>>
): Promise<{ readonly access: CollectionAccess; readonly body: Uint8Array }> {
  const { access, message } = await readRequest(...request);
  const [, , schema] = request;
  return { access, body: toBinary(schema, message) };
}

/** The same for a request that makes, changes or removes a collection, whatever there is of it. */
export function readCollectionRequest<Desc extends DescMessage>(
  deps: ServiceDeps,
  scope: TenantScope,
  schema: AboutCollection<Desc>,
  request: Uint8Array,
  context: CallContext,
): CheckedRequest<Desc> {
  const message = decodeQdrantRequest(schema, request);
  const collection = nameIn(message);
  const access = new CollectionAccess(deps, scope, collection, context);
  checkQdrantRequest(schema, message, collection, undefined);
  clearName(message);
  return { access, message };
}

/** Puts the backend's names where the request refers to other collections, all of them the tenant's own. */
async function resolve(
  deps: ServiceDeps,
  scope: TenantScope,
  references: readonly NameReference[],
  context: CallContext,
): Promise<void> {
  const seen = new Set<string>();
  for (const { name, field, write } of references) {
    if (!seen.has(name)) await accessTo(deps, scope, name, field, context).facts();
    seen.add(name);
    write(scope.referenceTo(name));
  }
}

function accessTo(
  deps: ServiceDeps,
  scope: TenantScope,
  name: string,
  field: string,
  context: CallContext,
): CollectionAccess {
  try {
    return new CollectionAccess(deps, scope, name, context);
  } catch (error) {
    const violation = error instanceof GatewayError ? error.violations[0] : undefined;
    throw violation?.reason === undefined
      ? error
      : fieldError(violation.reason, field, violation.description);
  }
}

const aboutVectors: ReadonlySet<Reason> = new Set(['VECTOR_DIMENSION_MISMATCH', 'VECTOR_NAME_UNKNOWN']);

// Every schema with such a field has it as a text; the type of a generic message does not say so.
function nameIn(message: unknown): string {
  return (message as Named).collectionName;
}

function clearName(message: unknown): void {
  (message as Named).collectionName = '';
}
