import { ServerCredentials, ServerInterceptingCall } from '@grpc/grpc-js';
import { CollectionsServiceService } from '../../src/gen/vectorgateway/v1/collections_service.js';
import { PointsServiceService } from '../../src/gen/vectorgateway/v1/points_service.js';
import { anonymousAuthenticator } from '../../src/identity/index.js';
import type {
  ClientStreamRow,
  CollectionsTable,
  PointsTable,
  RpcRow,
} from '../../src/transport/rpc-table.js';
import { startTransport, type Transport } from '../../src/transport/server.js';

export interface BareTransportOptions {
  readonly onUnary?: (request: Buffer, signal: AbortSignal) => Promise<Uint8Array>;
  readonly onStream?: ClientStreamRow['handle'];
  readonly maxMessageBytes?: number;
  readonly maxMetadataBytes?: number;
}

/** The transport alone, with the same handler behind every RPC: no services, no backend. */
export function startBareTransport(options: BareTransportOptions = {}): Promise<Transport> {
  const nothing = async (): Promise<Uint8Array> => new Uint8Array();
  const unary: RpcRow = {
    kind: 'unary',
    needs: 'read',
    handle: (_scope, request, { signal }) => (options.onUnary ?? nothing)(request, signal),
  };
  const stream: RpcRow = { kind: 'client-stream', needs: 'read', handle: options.onStream ?? nothing };
  const server: RpcRow = { kind: 'server-stream', needs: 'read', handle: async () => undefined };
  const bidi: RpcRow = { kind: 'bidi-stream', needs: 'read', handle: async () => undefined };
  const rows = (service: object): Record<string, RpcRow> =>
    Object.fromEntries(
      Object.entries(service).map(([rpc, { requestStream, responseStream }]) => [
        rpc,
        requestStream ? (responseStream ? bidi : stream) : responseStream ? server : unary,
      ]),
    );
  return startTransport({
    host: '127.0.0.1',
    port: 0,
    credentials: ServerCredentials.createInsecure(),
    authenticator: anonymousAuthenticator,
    tenantHeader: 'x-company-id',
    // Rows made from the definitions themselves have every name; the type cannot see that.
    collections: rows(CollectionsServiceService) as unknown as CollectionsTable,
    points: rows(PointsServiceService) as unknown as PointsTable,
    qdrant: [],
    backendVersion: async () => '1.0.0',
    cutOff: () => undefined,
    readBudget: () => (_method, call) => new ServerInterceptingCall(call),
    limits: {
      maxMessageBytes: options.maxMessageBytes ?? 4 * 1024 * 1024,
      maxMetadataBytes: options.maxMetadataBytes ?? 16 * 1024,
      maxConcurrentStreams: 100,
      defaultDeadlineMs: 5000,
    },
    onRpcs: () => undefined,
    onCallStart: () => undefined,
    onCallEnd: () => undefined,
  });
}
