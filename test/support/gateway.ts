import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../src/app/index.js';
import { readConfig } from '../../src/config/index.js';
import { createLogger } from '../../src/observe/index.js';
import { realQdrant, rememberCollections } from './real-qdrant.js';

export interface TestGatewayOptions {
  /**
   * "host:port" of something that speaks Qdrant's protocol. Without it the backend is the Qdrant at QDRANT_URL where
   * that is set, else the embedded store.
   */
  readonly backendAddress?: string;
  /** The embedded store even where QDRANT_URL is set: for what only it can show. */
  readonly embedded?: boolean;
  /** Variables over the defaults of the tests (PORT=0, METRICS_PORT=off). */
  readonly env?: Readonly<Record<string, string>>;
  /** Entries of a key file; without them no credential is asked for. */
  readonly keys?: readonly TestKey[];
  /** Keeps the folder of the embedded store, so that a test can start again on it. */
  readonly dataDir?: string;
}

export interface TestKey {
  readonly name: string;
  /** The key itself: the file gets its hash. */
  readonly key: string;
  readonly tenants: readonly string[] | '*';
  readonly scopes: readonly ('read' | 'write' | 'admin')[];
}

/** A gateway in this process, on a free port of 127.0.0.1, as `serve` would build it. */
export interface TestGateway {
  /** "127.0.0.1:port". */
  readonly address: string;
  /** Lines of its log, as JSON, level debug. */
  readonly logLines: string[];
  /** "host:port" of its metrics, when env turned them on. */
  readonly metricsAddress: string | undefined;
  close(): Promise<void>;
}

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'vector-gateway-test-'));
  const env: Record<string, string> = { PORT: '0', METRICS_PORT: 'off', SHUTDOWN_GRACE_MS: '2000' };
  const remembered = await chooseBackend(options, env, folder);
  if (options.keys !== undefined) {
    env.API_KEYS_FILE = join(folder, 'keys.json');
    await writeFile(env.API_KEYS_FILE, keyFileText(options.keys));
  }
  const logLines: string[] = [];
  const log = createLogger({ level: 'debug', format: 'json', write: (line) => logLines.push(line) });
  const gateway = await startGateway(readConfig({ ...env, ...options.env }), log);
  return {
    address: gateway.address,
    logLines,
    metricsAddress: gateway.metricsAddress,
    close: async () => {
      await gateway.drain('test');
      await remembered?.tidyUp();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function chooseBackend(options: TestGatewayOptions, env: Record<string, string>, folder: string) {
  const qdrant = realQdrant();
  if (options.backendAddress !== undefined) {
    env.QDRANT_URL = `http://${options.backendAddress}`;
    return undefined;
  }
  if (qdrant === undefined || options.embedded === true || options.dataDir !== undefined) {
    env.DATA_DIR = options.dataDir ?? join(folder, 'data');
    return undefined;
  }
  env.QDRANT_URL = qdrant.url;
  if (qdrant.apiKey !== undefined) env.QDRANT_API_KEY = qdrant.apiKey;
  if (process.env.QDRANT_JWT_RBAC !== undefined) env.QDRANT_JWT_RBAC = process.env.QDRANT_JWT_RBAC;
  return rememberCollections();
}

export function keyFileText(keys: readonly TestKey[]): string {
  const entries = keys.map(({ key, ...entry }) => ({
    ...entry,
    sha256: createHash('sha256').update(key).digest('hex'),
  }));
  return JSON.stringify({ keys: entries });
}
