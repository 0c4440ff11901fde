import {
  create,
  type DescMessage,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  ChangeAliasesSchema,
  CollectionExistsResponseSchema,
  CollectionOperationResponseSchema,
  CollectionStatus,
  CountResponseSchema,
  CreateCollectionSchema,
  file_qdrant,
  GetCollectionInfoResponseSchema,
  GetResponseSchema,
  HealthCheckReplySchema,
  ListAliasesResponseSchema,
  ListCollectionsResponseSchema,
  PointsOperationResponseSchema,
  QueryResponseSchema,
  ScrollResponseSchema,
  SearchResponseSchema,
  UpdateStatus,
} from '@qdrant/js-client-grpc';
import { refusalOf } from './qdrant-tokens.js';
import { onlyFields } from './wire-bytes.js';

/** One call as it arrived at the backend. */
export interface CapturedCall {
  /** Such as "Points/Search". */
  readonly method: string;
  /** All metadata; names are in lower case. */
  readonly headers: ReadonlyMap<string, readonly (string | Buffer)[]>;
  readonly request: Buffer;
  /** As Qdrant reads it: the last value of field 1. */
  readonly collection: string;
}

export interface PeerCollection {
  vectorSize: number;
  /** Qdrant's number: 1 Cosine. */
  distance: number;
  /** What Count answers, and how many points a description shows. */
  points: number;
}

export interface PeerFailure {
  readonly code: number;
  readonly details: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A server on 127.0.0.1 that speaks Qdrant's protocol and keeps every call as it came. It knows which collections
 * exist, and answers each read with one point whose payload and trailers tell which collection it is of: a reply
 * that reaches the wrong tenant gives itself away.
 */
export interface CapturingPeer {
  /** "127.0.0.1:port". */
  readonly address: string;
  /** Calls about collections and points, in order; health checks are left out. */
  readonly calls: CapturedCall[];
  readonly collections: Map<string, PeerCollection>;
  /** Fails the next calls of this kind, or all of them with '*', until undefined is set. */
  failWith(method: string, failure: PeerFailure | undefined): void;
  /** Makes the replies of calls about a collection that exists; where it makes none, the peer's own is sent. */
  answerWith(make: (call: CapturedCall) => Buffer | undefined): void;
  close(): Promise<void>;
}

/** The word that a payload of a collection carries; it must never reach another tenant. */
export const canaryOf = (collection: string): string => `canary-of-${collection}`;

export async function startCapturingPeer(apiKey?: string): Promise<CapturingPeer> {
  const calls: CapturedCall[] = [];
  const collections = new Map<string, PeerCollection>();
  const failures = new Map<string, PeerFailure>();
  let makeReply: (call: CapturedCall) => Buffer | undefined = () => undefined;
  const handle: Handle = (method, metadata, request) => {
    const collection = collectionOf(request, method);
    if (apiKey !== undefined) {
      const [presented] = metadata.get('api-key');
      if (presented === undefined) throw failureOf(16, 'Must provide an API key');
      const refusal = refusalOf(apiKey, presented, method, collection);
      if (refusal !== undefined) throw failureOf(7, refusal);
    }
    if (method.endsWith('/HealthCheck'))
      return reply(HealthCheckReplySchema, { title: 'qdrant', version: '1.18.3' });
    const headers = new Map(Object.entries(metadata.getMap()).map(([name]) => [name, metadata.get(name)]));
    const call = { method, headers, request, collection };
    calls.push(call);
    const failure = failures.get(method) ?? failures.get('*');
    if (failure !== undefined) throw failureOf(failure.code, failure.details, failure.metadata);
    const made = collections.has(collection) ? makeReply(call) : undefined;
    return made ?? answer(collections, method, collection, request);
  };
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  for (const service of qdrantServices())
    server.addService(rawDefinition(service), implement(service, handle));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    calls,
    collections,
    failWith: (method, failure) => {
      if (failure === undefined) failures.delete(method);
      else failures.set(method, failure);
    },
    answerWith: (make) => {
      makeReply = make;
    },
    close: async () => server.forceShutdown(),
  };
}

type Handle = (method: string, metadata: Metadata, request: Buffer) => Buffer;

function qdrantServices(): DescService[] {
  return [file_qdrant, ...file_qdrant.dependencies].flatMap((file) => file.services);
}

const same = (bytes: Buffer): Buffer => bytes;

function rawDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    ]),
  );
}

function implement(service: DescService, handle: Handle): UntypedServiceImplementation {
  const implementation: Record<string, handleUnaryCall<Buffer, Buffer>> = {};
  for (const method of service.methods) {
    const name = `${service.typeName.replace('qdrant.', '')}/${method.name}`;
    implementation[method.localName] = (call, callback) => {
      const trailers = new Metadata();
      trailers.set('x-peer-canary', canaryOf(collectionOf(call.request, name)));
      try {
        callback(null, handle(name, call.metadata, call.request), trailers);
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)));
      }
    };
  }
  return implementation;
}

function failureOf(code: number, details: string, headers: Readonly<Record<string, string>> = {}): Error {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

function reply<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Buffer {
  return Buffer.from(toBinary(schema, create(schema, init)));
}

// Every request that names a collection does so in field 1, as CreateCollection does; changes of aliases name one each.
function collectionOf(request: Buffer, method = ''): string {
  try {
    if (method === 'Collections/UpdateAliases') {
      const [first] = fromBinary(ChangeAliasesSchema, request).actions;
      return first?.action.case === 'createAlias' ? first.action.value.collectionName : '';
    }
    return fromBinary(CreateCollectionSchema, onlyFields(request, [1])).collectionName;
  } catch {
    return '(undecodable)';
  }
}

function answer(
  collections: Map<string, PeerCollection>,
  method: string,
  name: string,
  request: Buffer,
): Buffer {
  if (method === 'Collections/List') {
    return reply(ListCollectionsResponseSchema, {
      collections: [...collections.keys()].map((each) => ({ name: each })),
    });
  }
  if (method === 'Collections/ListAliases') return aliasesOf([...collections.keys()]);
  if (method === 'Collections/CollectionExists') {
    return reply(CollectionExistsResponseSchema, { result: { exists: collections.has(name) } });
  }
  if (method === 'Collections/Create') return createOn(collections, name, request);
  if (method === 'Collections/Delete') {
    return reply(CollectionOperationResponseSchema, { result: collections.delete(name) });
  }
  const collection = collections.get(name);
  if (collection === undefined) throw failureOf(5, `Not found: Collection \`${name}\` doesn't exist!`);
  switch (method) {
    case 'Collections/Get':
      return describe(collection);
    case 'Collections/ListCollectionAliases':
      return aliasesOf([name]);
    case 'Collections/Update':
    case 'Collections/UpdateAliases':
      return reply(CollectionOperationResponseSchema, { result: true });
    case 'Points/Count':
      return reply(CountResponseSchema, { result: { count: BigInt(collection.points) } });
    case 'Points/Search':
      return reply(SearchResponseSchema, { result: [{ ...pointOf(name), score: 0.5 }] });
    case 'Points/Query':
      return reply(QueryResponseSchema, { result: [{ ...pointOf(name), score: 0.5 }] });
    case 'Points/Get':
      return reply(GetResponseSchema, { result: [pointOf(name)] });
    case 'Points/Scroll':
      return reply(ScrollResponseSchema, { result: [pointOf(name)] });
    default:
      return reply(PointsOperationResponseSchema, {
        result: { operationId: 1n, status: UpdateStatus.Completed },
      });
  }
}

/** Each collection has one alias. */
function aliasesOf(names: readonly string[]): Buffer {
  const aliases = names.map((name) => ({ aliasName: `${name}-alias`, collectionName: name }));
  return reply(ListAliasesResponseSchema, { aliases });
}

function createOn(collections: Map<string, PeerCollection>, name: string, request: Buffer): Buffer {
  if (collections.has(name)) throw failureOf(6, `Wrong input: Collection \`${name}\` already exists!`);
  const config = fromBinary(CreateCollectionSchema, request).vectorsConfig?.config;
  if (config?.case !== 'params') throw failureOf(3, 'Wrong input: the peer takes one dense vector only');
  const { size, distance } = config.value;
  collections.set(name, { vectorSize: Number(size), distance, points: 0 });
  return reply(CollectionOperationResponseSchema, { result: true });
}

function describe({ vectorSize, distance, points }: PeerCollection): Buffer {
  return reply(GetCollectionInfoResponseSchema, {
    result: {
      status: CollectionStatus.Green,
      pointsCount: BigInt(points),
      config: {
        params: {
          vectorsConfig: { config: { case: 'params', value: { size: BigInt(vectorSize), distance } } },
        },
      },
    },
  });
}

function pointOf(collection: string) {
  return {
    id: { pointIdOptions: { case: 'num' as const, value: 1n } },
    payload: { secret: { kind: { case: 'stringValue' as const, value: canaryOf(collection) } } },
  };
}
