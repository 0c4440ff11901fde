import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to bytes: 'pass' carries them, 'stall' takes connections and bytes but never gives any on. */
export type ProxyMode = 'pass' | 'stall' | 'reset';

/** A TCP proxy on 127.0.0.1 that breaks connections as networks do. */
export interface FaultProxy {
  /** "127.0.0.1:port". */
  readonly address: string;
  /** Connections taken so far. */
  readonly accepts: () => number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** For connections to come; those that are open go on. 'reset' ends each as soon as it is made. */
  mode: ProxyMode;
  /** Ends the open connections: 'rst' resets them, 'fin' closes them in good order. */
  cut(how: 'rst' | 'fin'): void;
  /** Cuts every connection after as many more bytes from the target: an answer ends in the middle of a frame. */
  cutAfter(bytes: number): void;
  close(): Promise<void>;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const [host = '', port = ''] = target.split(':');
  const pairs = new Set<readonly [Socket, Socket | undefined]>();
  let accepts = 0;
  let leftBytes = Number.POSITIVE_INFINITY;
  const server = createServer((near) => {
    accepts += 1;
    near.on('error', ignored);
    if (proxy.mode === 'reset') {
      near.resetAndDestroy();
      return;
    }
    const far = proxy.mode === 'pass' ? connect(Number(port), host) : undefined;
    const pair = [near, far] as const;
    pairs.add(pair);
    near.on('close', () => {
      pairs.delete(pair);
      far?.destroy();
    });
    if (far === undefined) {
      near.resume();
      return;
    }
    far.on('error', ignored);
    far.on('close', () => near.destroy());
    near.pipe(far);
    far.on('data', (bytes) => {
      if (bytes.length <= leftBytes) {
        leftBytes -= bytes.length;
        near.write(bytes);
        return;
      }
      near.end(bytes.subarray(0, leftBytes));
      leftBytes = Number.POSITIVE_INFINITY;
      far.destroy();
    });
  });
  const proxy: FaultProxy = {
    address: '',
    accepts: () => accepts,
    open: () => pairs.size,
    mode: 'pass',
    cut: (how) => {
      for (const [near] of pairs) {
        if (how === 'rst') near.resetAndDestroy();
        else near.destroy();
      }
    },
    cutAfter: (bytes) => {
      leftBytes = bytes;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const [near] of pairs) near.destroy();
      await closed;
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, { address: `127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const ignored = (): void => undefined;
