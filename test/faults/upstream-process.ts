import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A gRPC server in a process of its own, so that it can be frozen: it answers every call at once, with nothing. */
export interface UpstreamProcess {
  /** "127.0.0.1:port". */
  readonly address: string;
  /** HTTP/2 connections so far. */
  readonly sessions: () => number;
  /** Stops it in the middle of whatever it does; its kernel still takes connections and bytes. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export async function startUpstreamProcess(): Promise<UpstreamProcess> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let sessions = 0;
  const port = await new Promise<string>((found, failed) => {
    child.on('exit', (code) => failed(new Error(`the upstream exited with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'session') sessions += 1;
      else found(line);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    sessions: () => sessions,
    freeze: () => signal(child, 'SIGSTOP'),
    thaw: () => signal(child, 'SIGCONT'),
    stop: async () => {
      child.removeAllListeners('exit');
      const stopped = new Promise((resolve) => child.on('exit', resolve));
      signal(child, 'SIGKILL');
      await stopped;
    },
  };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (!child.kill(name)) throw new Error(`${name} did not reach the upstream`);
}

const script = `
const server = require('node:http2').createServer();
server.on('session', (session) => {
  console.log('session');
  session.on('error', () => undefined);
});
server.on('stream', (stream) => {
  stream.on('error', () => undefined);
  stream.resume();
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;
