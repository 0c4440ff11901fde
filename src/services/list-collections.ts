import { fieldError } from '../errors/index.js';
import {
  ListCollectionsRequest,
  ListCollectionsResponse,
} from '../gen/vectorgateway/v1/collections_service.js';
import { decodeOwn } from './decode-own.js';
import type { UnaryUseCase } from './deps.js';

/** ListCollections: the tenant's own, by its own names, in their order; a token continues behind a name. */
export const listCollections: UnaryUseCase = async (deps, scope, request, context) => {
  const { pageSize, pageToken } = decodeOwn(ListCollectionsRequest, 'ListCollectionsRequest', request);
  if (pageSize > maxPageSize)
    throw fieldError('LIMIT_EXCEEDED', 'page_size', `at most ${maxPageSize}, not ${pageSize}`);
  const after = readToken(pageToken);
  const physicalNames = await deps.backend.listCollections(context);
  const own = physicalNames
    .map((name) => scope.ownName(name))
    .filter((name): name is string => name !== undefined && (after === undefined || name > after))
    .sort();
  const page = own.slice(0, pageSize === 0 ? defaultPageSize : pageSize);
  const last = page.at(-1);
  return ListCollectionsResponse.encode({
    collections: page.map((collection) => ({ collection })),
    nextPageToken: last !== undefined && page.length < own.length ? writeToken(last) : '',
  }).finish();
};

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
