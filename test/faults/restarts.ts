import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';

import { startGatewayProcess } from '../support/gateway-process.js';
import type { Http2Peer } from '../support/http2-peer.js';
import { type Caller, connectCaller, startStandIn } from './stand-in.js';

/** A node that stops and starts again on the same port. */
export interface RestartingNode {
  readonly address: string;
  restart(how: 'rst' | 'goaway'): Promise<void>;
  close(): Promise<void>;
}

export async function startRestartingNode(): Promise<RestartingNode> {
  let node: Http2Peer = await startStandIn();
  const { address, port } = node;
  return {
    address,
    restart: async (how) => {
      node.cut(how);
      await node.close();
      node = await startStandIn(undefined, { port });
    },
    close: () => node.close(),
  };
}

/** What became of a gateway, and of its callers. */
export interface RestartReport {
  /** Of its process, while the node came and went; null: it never ended. */
  readonly exitCode: number | null;
  /** Of the drain at the end. */
  readonly stopCode: number | null;
  /** Lines of its log that are worse than a warning. */
  readonly errors: readonly string[];
  /** Calls by their status. */
  readonly codes: ReadonlyMap<number, number>;
}

/** A gateway in a process of its own serves eight callers without a pause, while its node restarts. */
export async function restartUnderLoad(restarts: number): Promise<RestartReport> {
  const node = await startRestartingNode();
  const gateway = await startGatewayProcess(node.address, { BREAKER_OPEN_MS: '50' });
  const errors: string[] = [];
  const output = gateway.child.stdout;
  if (output === null) throw new Error('the gateway has no output');
  createInterface({ input: output }).on('line', (line) => {
    const { level }: { level?: string } = JSON.parse(line);
    if (level === 'error' || level === 'fatal') errors.push(line);
  });
  const caller = connectCaller(gateway.address);
  const codes = new Map<number, number>();
  const load = { stopped: false };
  const workers = Array.from({ length: 8 }, () => callOnAndOn(caller, codes, load));
  let exitCode: number | null = null;
  let stopCode: number | null = null;
  const callsServed = async (when: string): Promise<void> => {
    const [before, codesBefore] = [codes.get(0) ?? 0, JSON.stringify([...codes])];
    const what = `calls are served ${when}; codes ${codesBefore}`;
    await eventually(what, () => (codes.get(0) ?? 0) >= before + 20, 15_000).catch((error: Error) => {
      throw new Error(`${error.message} became ${JSON.stringify([...codes])}`);
    });
  };
  try {
    for (let done = 0; done < restarts; done += 1) {
      await callsServed(`after ${done} restarts`);
      await node.restart(done % 2 === 0 ? 'goaway' : 'rst');
    }
    await callsServed('after the last restart');
  } finally {
    load.stopped = true;
    await Promise.all(workers);
    caller.close();
    exitCode = gateway.child.exitCode;
    stopCode = exitCode === null ? await gateway.stop() : null;
    await node.close();
  }
  return { exitCode, stopCode, errors, codes };
}

async function callOnAndOn(
  caller: Caller,
  codes: Map<number, number>,
  load: { readonly stopped: boolean },
): Promise<void> {
  for (let call = 0; !load.stopped; call += 1) {
    const { code } = await (call % 2 === 0 ? caller.read : caller.write)({ timeoutMs: 5_000 });
    codes.set(code, (codes.get(code) ?? 0) + 1);
    // Who is refused at once does not ask again at once: that would only measure the machine.
    if (code !== 0) await sleep(5);
  }
}
