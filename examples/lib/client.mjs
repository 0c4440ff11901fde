import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const protoFolders = ['../../proto', '../../proto/third_party'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
const loaded = loadSync(
  ['vectorgateway/v1/collections_service.proto', 'vectorgateway/v1/points_service.proto'],
  { includeDirs: protoFolders, keepCase: true, longs: String, enums: String, arrays: true, oneofs: true },
);
const { v1 } = grpc.loadPackageDefinition(loaded).vectorgateway;

/** A client made from the .proto files at run time; every call acts for `tenant`. */
export function connect(address, tenant) {
  const credentials = grpc.credentials.createInsecure();
  const collections = new v1.CollectionsService(address, credentials);
  const points = new v1.PointsService(address, credentials);
  const metadata = new grpc.Metadata();
  metadata.set('x-company-id', tenant);

  const unary = (service, rpc) => (request) =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + 30_000;
      service[rpc](request, metadata, { deadline }, (error, reply) =>
        error ? reject(error) : resolve(reply),
      );
    });
  return {
    createCollection: unary(collections, 'CreateCollection'),
    listCollections: unary(collections, 'ListCollections'),
    getCollection: unary(collections, 'GetCollection'),
    searchPoints: unary(points, 'SearchPoints'),
    countPoints: unary(points, 'CountPoints'),
    streamUpsert: (messages) => streamUpsert(points, metadata, messages),
    close: () => {
      collections.close();
      points.close();
    },
  };
}

/** Writes an async iterable of messages at the pace the gateway reads; resolves to the summary. */
async function streamUpsert(points, metadata, messages) {
  let call;
  const summary = new Promise((resolve, reject) => {
    call = points.StreamUpsertPoints(metadata, (error, reply) =>
      error ? reject(error) : resolve(reply.summary),
    );
  });
  // The call may end before everything is written: then there will be no 'drain' to wait for.
  const ended = summary.then(
    () => true,
    () => true,
  );
  for await (const message of messages) {
    if (call.write(message)) continue;
    const drained = new Promise((resolve) => call.once('drain', () => resolve(false)));
    if (await Promise.race([drained, ended])) break;
  }
  call.end();
  return summary;
}
