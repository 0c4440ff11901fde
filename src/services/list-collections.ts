import type { CallContext } from '../backend/index.js';
import { fieldError } from '../errors/index.js';
import {
  ListCollectionsRequest,
  ListCollectionsResponse,
} from '../gen/vectorgateway/v1/collections_service.js';
import type { TenantScope } from '../tenancy/index.js';
import { decodeOwn } from './decode-own.js';
import type { ServiceDeps, UnaryUseCase } from './deps.js';

/** ListCollections: the tenant's own, by its own names, in their order; a token continues behind a name. */
export const listCollections: UnaryUseCase = async (deps, scope, request, context) => {
  const { pageSize, pageToken } = decodeOwn(ListCollectionsRequest, 'ListCollectionsRequest', request);
  if (pageSize > maxPageSize)
    throw fieldError('LIMIT_EXCEEDED', 'page_size', `at most ${maxPageSize}, not ${pageSize}`);
  const after = readToken(pageToken);
  const own = (await ownCollections(deps, scope, context)).filter(
    (name) => after === undefined || name > after,
  );
  const page = own.slice(0, pageSize === 0 ? defaultPageSize : pageSize);
  const last = page.at(-1);
  return ListCollectionsResponse.encode({
    collections: page.map((collection) => ({ collection })),
    nextPageToken: last !== undefined && page.length < own.length ? writeToken(last) : '',
  }).finish();
};

/** The tenant's own names of its collections, in their order. */
export async function ownCollections(
  deps: ServiceDeps,
  scope: TenantScope,
  context: CallContext,
): Promise<string[]> {
  const physicalNames = await deps.backend.listCollections(context);
  return physicalNames
    .map((name) => scope.ownName(name))
    .filter((name): name is string => name !== undefined)
    .sort();
}

// The version in front lets a later gateway tell its tokens from these.
function writeToken(lastName: string): string {
  return Buffer.from(`1:${lastName}`, 'utf8').toString('base64url');
}

function readToken(token: string): string | undefined {
  if (token === '') return undefined;
  const match = /^1:([a-z0-9][a-z0-9_-]{0,127})$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (match?.[1] === undefined || writeToken(match[1]) !== token) {
    throw fieldError('PAGE_TOKEN_INVALID', 'page_token', 'is not a next_page_token of this API');
  }
  return match[1];
}

const defaultPageSize = 100;
const maxPageSize = 1000;
