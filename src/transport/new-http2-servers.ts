import http2, { type Http2SecureServer, type Http2Server } from 'node:http2';

type Visit = (server: Http2Server | Http2SecureServer) => void;

const visits = new Set<Visit>();

/**
 * Runs `work`, and shows `visit` every HTTP/2 server that this process creates meanwhile, before anybody listens to
 * it: grpc-js makes its own and hands it to no one. Servers of other work at the same time are shown too, so a visit
 * must do no harm to them, nor when it is made twice.
 */
export async function visitNewHttp2Servers<T>(visit: Visit, work: () => Promise<T>): Promise<T> {
  replaceMakers();
  visits.add(visit);
  try {
    return await work();
  } finally {
    visits.delete(visit);
  }
}

let replaced = false;

// Once for the process: makers that are replaced and put back by several starts at a time end up in disorder.
function replaceMakers(): void {
  if (replaced) return;
  replaced = true;
  http2.createServer = visiting(http2.createServer);
  http2.createSecureServer = visiting(http2.createSecureServer);
}

function visiting<Maker extends (...args: never[]) => Http2Server | Http2SecureServer>(make: Maker): Maker {
  const visited = (...args: Parameters<Maker>) => {
    const server = make(...args);
    for (const visit of visits) visit(server);
    return server;
  };
  // The overloads of the makers cannot be said of a function that passes its arguments on.
  return visited as Maker;
}
