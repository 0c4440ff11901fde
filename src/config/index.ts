export { isLoopback, joinAddress } from './addresses.js';
export type {
  BackendConfig,
  BreakerConfig,
  Config,
  EmbeddedBackendConfig,
  LimitsConfig,
  LogFormat,
  LogLevel,
  MetricsConfig,
  PoolConfig,
  QdrantBackendConfig,
  QdrantEndpoint,
  RetryConfig,
  TlsConfig,
  TokenConfig,
} from './config.js';
export { ConfigError, type ConfigProblem } from './config-error.js';
export { describeValues, type ShownSetting, settingsMarkdown } from './describe.js';
export type { Environment, Flags } from './parse.js';
export { readConfig } from './read-config.js';
export type { Setting } from './setting.js';
export { flagOf, settings, type Variable, variables } from './settings.js';
