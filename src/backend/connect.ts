import { credentials, Metadata } from '@grpc/grpc-js';
import { AttemptError } from './failure.js';
import { Lane } from './lane.js';
import { healthMethod, listMethod, methods } from './methods.js';
import type { BackendOptions } from './options.js';
import { readCollectionNames, readVersion, withCollectionName } from './requests.js';
import { toGatewayError } from './translate.js';
import type { Backend, CallContext } from './types.js';

/** Connects to a Qdrant. Nothing is awaited: calls wait for the connection, and recover with it. */
export function connectBackend(options: BackendOptions): Backend {
  const [endpoint] = options.endpoints;
  if (endpoint === undefined) throw new RangeError('a backend needs an endpoint');
  const secure = endpoint.tls
    ? credentials.createSsl(options.ca ?? null, options.key ?? null, options.cert ?? null)
    : credentials.createInsecure();
  const lane = new Lane(endpoint.address, secure, {}, () => undefined);
  const metadata = new Metadata();
  if (options.apiKey !== undefined) metadata.set('api-key', options.apiKey);
  const run = async (method: string, writes: boolean, name: string, body: Buffer, context: CallContext) => {
    context.attempts += 1;
    const deadlineAtMs = Math.min(context.deadlineAtMs, Date.now() + options.defaultDeadlineMs);
    try {
      return await lane.unary(method, body, metadata, { signal: context.signal, deadlineAtMs });
    } catch (error) {
      if (!(error instanceof AttemptError)) throw error;
      throw toGatewayError(error.failure, { method, writes, secrets: [name, options.apiKey ?? ''] });
    }
  };
  return {
    call: (method, name, body, context) =>
      run(
        method,
        methods[method].writes,
        name.forBackend,
        withCollectionName(name.forBackend, body),
        context,
      ),
    listCollections: async (context) => readCollectionNames(await run(listMethod, false, '', empty, context)),
    check: async (context) => ({ version: readVersion(await run(healthMethod, false, '', empty, context)) }),
    stats: () => ({ inFlight: lane.inFlight, waiting: 0, endpoints: [] }),
    close: async () => lane.close(),
  };
}

const empty = Buffer.alloc(0);
