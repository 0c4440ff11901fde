import { EmbeddedStoreError } from '../app/index.js';
import { type Config, joinAddress } from '../config/index.js';
import { IdentityFileError } from '../identity/index.js';

/** The gateway could not start; the message is one line for the person who started it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What Node and grpc-js say when an address cannot be bound, in words that say what to do. */
export function startProblem(error: unknown, config: Config): Error {
  if (error instanceof IdentityFileError) return error;
  const message = error instanceof Error ? error.message : String(error);
  // A folder may have any name, that of a fault of listening too.
  if (error instanceof EmbeddedStoreError) return new StartError(`cannot start: ${message}`);
  const code = /\b(EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND)\b/.exec(message)?.[1];
  const isBinding = /\b(listen|bind|getaddrinfo)\b|No address added/i.test(message);
  if (code === undefined || !isBinding) return new StartError(`cannot start: ${message.split('\n')[0]}`);
  const metrics = config.metrics;
  const isMetrics =
    metrics !== undefined &&
    metrics.port !== config.port &&
    message.includes(joinAddress(metrics.host, metrics.port));
  const address = isMetrics ? joinAddress(metrics.host, metrics.port) : joinAddress(config.host, config.port);
  const [hostVariable, portVariable] = isMetrics ? ['METRICS_HOST', 'METRICS_PORT'] : ['HOST', 'PORT'];
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `the port is in use (is another gateway running?); choose another with ${portVariable}`,
    EACCES: `this user may not listen there; choose a port from 1024 on with ${portVariable}`,
    EADDRNOTAVAIL: `this machine does not have that address; see ${hostVariable}`,
    ENOTFOUND: `there is no such host; see ${hostVariable}`,
  };
  return new StartError(`cannot listen on ${address}: ${reasons[code]}`);
}
