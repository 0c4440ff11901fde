import type { CallContext } from '../../backend/index.js';
import type { UpsertSummary } from '../../gen/vectorgateway/v1/points.js';
import type { TenantScope } from '../../tenancy/index.js';
import type { ServiceDeps } from '../deps.js';
import { openStreamTarget } from '../stream-target.js';
import type { IncomingMessages, StreamUpsertOptions } from './types.js';
import { UpsertStream } from './upsert-stream.js';

export type { IncomingMessage, IncomingMessages, StreamUpsertOptions } from './types.js';

/**
 * StreamUpsertPoints: stores a tenant's stream of points. A bad point is listed in the summary; what fails the stream
 * is thrown as GatewayError with the same summary (vectorgateway.v1.UpsertSummary) in its detail.
 */
export function streamUpsert(
  deps: ServiceDeps,
  scope: TenantScope,
  messages: IncomingMessages,
  options: StreamUpsertOptions,
  context: CallContext,
): Promise<UpsertSummary> {
  const open = (collection: string, openContext: CallContext) =>
    openStreamTarget(deps, scope, collection, openContext, 'StreamUpsertPoints');
  return new UpsertStream(open, messages, options, context).run();
}
