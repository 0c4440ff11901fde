export { connectBackend } from './connect.js';
export type { CollectionMethod } from './methods.js';
export type { BackendOptions, BreakerOptions, PoolOptions, RetryOptions } from './options.js';
export type {
  AliasAction,
  Backend,
  BackendHooks,
  BackendStats,
  BreakerState,
  CallContext,
  EndpointStats,
  PhysicalAlias,
} from './types.js';
