import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A server of the bench in a process of its own, so that its work is not the driver's. */
export interface ChildTarget {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a module of this folder; it calls `serveParent`. */
export async function startChild(module: string, input: unknown): Promise<ChildTarget> {
  const child = fork(join(__dirname, module), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(JSON.stringify(input));
  const [address] = await Promise.race([once(child, 'message'), failedStart(child, module)]);
  return {
    address: String(address),
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function failedStart(child: ChildProcess, module: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`${module} ended with code ${code}`);
}

/** The other side: starts with what the parent sent, tells it the address, and ends with it. */
export function serveParent<T>(start: (input: T) => Promise<string>): void {
  process.on('disconnect', () => process.exit());
  process.once('message', (text) => {
    // What the parent sends is what `startChild` was given; both are in this folder.
    start(JSON.parse(String(text)) as T).then(
      (address) => process.send?.(address),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
