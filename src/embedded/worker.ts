import { parentPort, workerData } from 'node:worker_threads';
import { Store } from './engine/store.js';
import type { FromWorker, ToWorker, WorkerInput } from './messages.js';
import type { StoreLog } from './options.js';
import { type StoreServer, serveStore } from './rpc/server.js';

// The thread that holds the store: a scan here never delays the gateway, whose thread only carries bytes.
const port = parentPort;
if (!port) throw new Error('the embedded store runs in a worker thread');

const post = (message: FromWorker): void => port.postMessage(message);
const log: StoreLog = (level, message, fields) => post({ kind: 'log', level, message, fields });

/**
 * A fault that nobody caught: what is in memory may be wrong, so the thread ends and a new one is started.
 * Connections go first: Node aborts the whole process when a thread ends while HTTP/2 data comes in.
 */
function endAfterFault(server: StoreServer): void {
  process.on('uncaughtException', (error) => {
    post({
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    server.cutOff();
    // Sockets are gone two turns later.
    setImmediate(() => setImmediate(() => process.exit(1)));
  });
}

async function run(): Promise<void> {
  // The cast is what the supervisor, the only one to start this thread, passes.
  const { dataDir, socketPath, limits } = workerData as WorkerInput;
  const store = new Store(dataDir, limits, log);
  const server = await serveStore(store, socketPath, log);
  endAfterFault(server);
  const close = async (): Promise<void> => {
    await server.close();
    await store.close();
    process.exit(0);
  };
  port?.on('message', (message: ToWorker) => {
    if (message.kind !== 'close') return;
    close().catch((error: unknown) => {
      log('error', 'the embedded store did not close in good order', { cause: String(error) });
      process.exit(1);
    });
  });
  post({ kind: 'ready' });
}

run().catch((error: unknown) => {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
