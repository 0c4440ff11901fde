export { cleanText } from './clean-text.js';
export { codeName } from './code-name.js';
export {
  type CallRecord,
  createLogger,
  type Logger,
  type LoggerLevel,
  type LoggerOptions,
} from './logger.js';
export { type BreakerState, createMetrics, type Metrics, type MetricsOptions } from './metrics.js';
export {
  type Healthz,
  type MetricsServer,
  type MetricsServerOptions,
  startMetricsServer,
} from './metrics-server.js';
export type { LogFields } from './redact.js';
