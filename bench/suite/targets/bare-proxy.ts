import { serveParent } from './child.js';
import { connectDirect, type DirectTarget } from './direct.js';
import { same, serveBytes } from './passing-server.js';

// What a proxy on grpc-js costs that does nothing at all: requests, replies and metadata pass as they are, on one
// channel. Below it no gateway on grpc-js can come.
const paths = ['/qdrant.Points/Upsert', '/qdrant.Points/Search'];

serveParent((target: DirectTarget) => {
  const client = connectDirect(target);
  return serveBytes(paths, (path, call, reply) => {
    client.makeUnaryRequest(path, same, same, call.request, call.metadata, (error, bytes) => {
      if (error === null) reply(null, bytes);
      else reply(error);
    });
  });
});
