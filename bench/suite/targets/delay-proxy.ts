import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on 127.0.0.1 that stands for distance: bytes arrive half of `roundTripMs` after they were sent. */
export interface DelayProxy {
  /** "127.0.0.1:port". */
  readonly address: string;
  close(): void;
}

export async function startDelayProxy(target: string, roundTripMs: number): Promise<DelayProxy> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    carry(near, far, roundTripMs / 2);
    carry(far, near, roundTripMs / 2);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address of this form.
  const { port: bound } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${bound}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

// What is under way is not bounded here: the windows of HTTP/2 bound it, and they are what is measured.
function carry(from: Socket, to: Socket, delayMs: number): void {
  const underWay: { readonly dueAtMs: number; readonly bytes: Buffer }[] = [];
  const deliver = (): void => {
    const nowMs = performance.now();
    while (underWay[0] !== undefined && underWay[0].dueAtMs <= nowMs) to.write(underWay.shift()?.bytes ?? '');
    if (underWay[0] !== undefined) setTimeout(deliver, Math.max(1, underWay[0].dueAtMs - nowMs));
  };
  from.on('data', (bytes) => {
    // While something is under way, its timer takes along what comes behind.
    if (underWay.length === 0) setTimeout(deliver, delayMs);
    underWay.push({ dueAtMs: performance.now() + delayMs, bytes });
  });
}
