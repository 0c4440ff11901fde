import type { Http2SecureServer, Http2Server } from 'node:http2';
import {
  type Metadata,
  Server,
  type ServerCredentials,
  type ServerInterceptor,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { CollectionsServiceService } from '../gen/vectorgateway/v1/collections_service.js';
import { PointsServiceService } from '../gen/vectorgateway/v1/points_service.js';
import type { Authenticator } from '../identity/index.js';
import { limitArrival } from './arrival-limit.js';
import { Authorizer } from './authorizer.js';
import { CallGate } from './call-gate.js';
import type { CallRecord } from './call-record.js';
import { Drain } from './drain.js';
import { implement } from './handlers.js';
import { widenWindows } from './http2-windows.js';
import { exposeIdentityHeaders } from './identity-headers.js';
import { visitNewHttp2Servers } from './new-http2-servers.js';
import { OpenCalls } from './open-calls.js';
import { openServices, reflectionServices } from './open-services.js';
import type { QdrantService } from './qdrant-handlers.js';
import { qdrantHealthImplementation, qdrantHealthService } from './qdrant-health.js';
import { type AnyService, needsByPath, undecoded } from './raw-services.js';
import { reflectionImplementation } from './reflection.js';
import type { CollectionsTable, PointsTable, RpcRow } from './rpc-table.js';
import { leadUnknownPaths, unknownMethod } from './unknown-methods.js';

export interface TransportOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly credentials: ServerCredentials;
  readonly authenticator: Authenticator;
  readonly tenantHeader: string;
  readonly collections: CollectionsTable;
  readonly points: PointsTable;
  /** Qdrant's own services. */
  readonly qdrant: readonly QdrantService[];
  /** For qdrant.Qdrant/HealthCheck. */
  readonly backendVersion: () => Promise<string>;
  /** Gates reads by a byte budget; outside of the call gate, which knows for whom a call acts. */
  readonly readBudget: (tenantOf: (metadata: Metadata) => string | undefined) => ServerInterceptor;
  /** Resets the call with this metadata, whatever is under way. */
  readonly cutOff: (metadata: Metadata) => void;
  /** Shown each HTTP/2 server before it listens. */
  readonly onHttp2Server?: (server: Http2Server | Http2SecureServer) => void;
  readonly limits: {
    readonly maxMessageBytes: number;
    readonly maxMetadataBytes: number;
    readonly maxConcurrentStreams: number;
    readonly defaultDeadlineMs: number;
  };
  /** Told the paths of all RPCs that are served. */
  readonly onRpcs: (paths: readonly string[]) => void;
  readonly onCallStart: (record: CallRecord) => void;
  readonly onCallEnd: (record: CallRecord, code: number) => void;
}

export interface Transport {
  /** "host:port" as bound. */
  readonly address: string;
  /** Finishes what runs, for at most `graceMs`, and closes. True when nothing had to be cut off. */
  drain(graceMs: number): Promise<boolean>;
  forceStop(): void;
}

interface Mounted {
  readonly service: AnyService;
  readonly table: Readonly<Record<string, RpcRow>>;
}

/** Starts the gRPC server. Rejects when the address cannot be bound. */
export async function startTransport(options: TransportOptions): Promise<Transport> {
  const mounted: readonly Mounted[] = [
    { service: CollectionsServiceService, table: { ...options.collections } },
    { service: PointsServiceService, table: { ...options.points } },
    ...options.qdrant,
  ];
  const authorizer = new Authorizer(options.authenticator, options.tenantHeader);
  const needs = needsByPath(mounted, openServices);
  options.onRpcs([...needs.keys()]);
  const openCalls = new OpenCalls(() => authorizer.revision);
  const gate = openGate(options, authorizer, openCalls, needs);
  const server = new Server(serverOptions(options, gate));
  const health = new HealthImplementation();
  const drain = new Drain(server, health);
  const handlers = {
    authorizer,
    gate,
    defaultDeadlineMs: options.limits.defaultDeadlineMs,
    streamShutdown: drain.streams,
    unaryShutdown: drain.unary,
    track: drain.track,
  };
  const services = [
    ...mounted.map(({ service, table }) => ({
      service: undecoded(service),
      handlers: implement(table, handlers),
    })),
    ...reflection(mounted),
    { service: qdrantHealthService, handlers: qdrantHealthImplementation(options.backendVersion) },
    { service: unknownMethod, handlers: {} },
  ];
  // The only place that adds services: what is not in a table is not served.
  for (const entry of services) server.addService(entry.service, entry.handlers);
  health.addToServer(server);
  const port = await bind(server, options, (path) => needs.has(path));
  for (const name of ['', ...mounted.map(({ service }) => serviceName(service))])
    health.setStatus(name, 'SERVING');
  return {
    address: `${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    drain: async (graceMs) => {
      const clean = await drain.run(graceMs);
      openCalls.close();
      return clean;
    },
    forceStop: () => {
      openCalls.close();
      server.forceShutdown();
    },
  };
}

function openGate(
  options: TransportOptions,
  authorizer: Authorizer,
  openCalls: OpenCalls,
  needs: ReturnType<typeof needsByPath>,
): CallGate {
  return new CallGate({
    authorizer,
    openCalls,
    maxMetadataBytes: options.limits.maxMetadataBytes,
    needsOf: (path) => needs.get(path),
    cutOff: options.cutOff,
    onStart: options.onCallStart,
    onEnd: options.onCallEnd,
  });
}

function serverOptions(options: TransportOptions, gate: CallGate): ConstructorParameters<typeof Server>[0] {
  const readBudget = options.readBudget((metadata) => gate.recordOf(metadata)?.tenant);
  return {
    interceptors: [gate.interceptor, limitArrival(options.limits.defaultDeadlineMs), readBudget],
    'grpc.max_receive_message_length': options.limits.maxMessageBytes,
    // Replies are measured before they are sent, with an error that says what to do.
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': options.limits.maxConcurrentStreams,
    // A client that vanished without a word must not hold streams open.
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
  };
}

function reflection(
  mounted: readonly Mounted[],
): { service: AnyService; handlers: UntypedServiceImplementation }[] {
  const names = [...mounted.map(({ service }) => service), ...openServices].map(serviceName).sort();
  const handlers = reflectionImplementation(names);
  return reflectionServices.map((service) => ({ service, handlers }));
}

// "/package.Service/Rpc" → "package.Service"
function serviceName(service: AnyService): string {
  return Object.values(service)[0]?.path.split('/')[1] ?? '';
}

function bind(
  server: Server,
  options: TransportOptions,
  isKnown: (path: string) => boolean,
): Promise<number> {
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const identity = ['authorization', options.tenantHeader];
  return visitNewHttp2Servers(
    (http2Server) => {
      exposeIdentityHeaders(http2Server, identity);
      leadUnknownPaths(http2Server, isKnown);
      widenWindows(http2Server);
      options.onHttp2Server?.(http2Server);
    },
    () =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${host}:${options.port}`, options.credentials, (error, port) => {
          if (error === null) resolve(port);
          else reject(error);
        });
      }),
  );
}
