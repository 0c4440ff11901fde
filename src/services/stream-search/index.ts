import type { CallContext } from '../../backend/index.js';
import type { TenantScope } from '../../tenancy/index.js';
import { readStreamSearch } from '../../wire/index.js';
import type { ServiceDeps } from '../deps.js';
import { queryPoints } from '../points-query.js';
import { searchPoints } from '../points-search.js';
import type { IncomingMessages } from '../stream-upsert/types.js';
import { SearchStream } from './search-stream.js';
import type { SearchReplies, StreamSearchOptions } from './types.js';

export type { SearchReplies, StreamSearchOptions } from './types.js';

/** StreamSearchPoints: answers a tenant's searches as they are done. Rejects with what ended the stream. */
export function streamSearch(
  deps: ServiceDeps,
  scope: TenantScope,
  messages: IncomingMessages,
  replies: SearchReplies,
  options: StreamSearchOptions,
  context: CallContext,
): Promise<void> {
  const search = async (message: Uint8Array, searchContext: CallContext): Promise<Uint8Array> => {
    const { kind, request } = readStreamSearch(message);
    const useCase = kind === 'search' ? searchPoints : queryPoints;
    return useCase(deps, scope, request, searchContext);
  };
  return new SearchStream(search, messages, replies, options, context).run();
}
