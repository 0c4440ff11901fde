import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import type { AccessScope } from '../tenancy/index.js';
import { rawMethod } from './raw-method.js';
import type { RpcRow } from './rpc-table.js';

/** A service whatever its messages are: the transport looks at paths and shapes only. */
export type AnyService = ServiceDefinition;

/**
 * The same service with messages left as bytes: they reach the use cases undecoded, so that nothing is allocated for
 * a message before its elements have been counted.
 */
export function undecoded(service: AnyService): AnyService {
  const raw: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  for (const [rpc, { path, requestStream, responseStream }] of Object.entries(service)) {
    raw[rpc] = rawMethod(path, { requestStream, responseStream });
  }
  return raw;
}

/** What each path needs. A path that is in no service has no entry, and is refused. */
export function needsByPath(
  mounted: readonly { readonly service: AnyService; readonly table: Readonly<Record<string, RpcRow>> }[],
  open: readonly AnyService[],
): ReadonlyMap<string, AccessScope | 'public'> {
  const needs = new Map<string, AccessScope | 'public'>();
  for (const { service, table } of mounted) {
    for (const [rpc, { path }] of Object.entries(service)) {
      const row = table[rpc];
      if (row !== undefined) needs.set(path, row.needs);
    }
  }
  for (const service of open) for (const { path } of Object.values(service)) needs.set(path, 'public');
  return needs;
}
