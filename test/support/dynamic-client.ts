import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { projectRoot } from './readme.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** Calls RPCs with plain JSON, as grpcurl does, by means of the .proto files alone. */
export class DynamicClient {
  readonly #client: Client;
  readonly #protos: PackageDefinition;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    this.#protos = loadSync(
      ['vectorgateway/v1/collections_service.proto', 'vectorgateway/v1/points_service.proto'],
      {
        includeDirs: [join(projectRoot, 'proto'), join(projectRoot, 'proto', 'third_party')],
        longs: String,
        enums: String,
      },
    );
  }

  /** `rpc` is "package.Service/Method"; a unary call takes the first of `messages`. */
  call(rpc: string, metadata: Metadata, messages: readonly JsonObject[]): Promise<unknown> {
    const [service = '', method = ''] = rpc.split('/');
    // loadSync types a package's members loosely; a service has methods with paths and codecs.
    const definition = (this.#protos[service] as ServiceDefinition | undefined)?.[method];
    if (definition === undefined) throw new Error(`no RPC ${rpc}`);
    const { path, requestSerialize, responseDeserialize, requestStream } = definition;
    const inputs = messages.map((message) => spellStructs(camelKeys(message)));
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, reply?: unknown): void =>
        error === null ? resolve(readStructs(reply)) : reject(error);
      const options = { deadline: Date.now() + 30_000 };
      if (!requestStream) {
        const [input] = inputs;
        this.#client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          input,
          metadata,
          options,
          done,
        );
        return;
      }
      const call = this.#client.makeClientStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        metadata,
        options,
        done,
      );
      for (const input of inputs) call.write(input);
      call.end();
    });
  }

  close(): void {
    this.#client.close();
  }
}

export function metadataFrom(headers: readonly string[]): Metadata {
  const metadata = new Metadata();
  for (const header of headers) {
    const colon = header.indexOf(':');
    metadata.add(header.slice(0, colon), header.slice(colon + 1).trim());
  }
  return metadata;
}

function mapValues(object: object, change: (key: string, value: unknown) => [string, unknown]): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => change(key, value)));
}

// proto-loader speaks camelCase; the keys inside a payload are data and stay.
function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(value, (key, inner) => {
    const name = key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    return [name, name === 'payloadStruct' ? inner : camelKeys(inner)];
  });
}

// Nor does it know JSON's form of google.protobuf.Struct.
function spellStructs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spellStructs);
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(value, (key, inner) => [
    key,
    key === 'payloadStruct' ? structFrom(inner as object) : spellStructs(inner),
  ]);
}

function structFrom(object: object): object {
  return { fields: mapValues(object, (key, value) => [key, valueFrom(value)]) };
}

function valueFrom(value: unknown): object {
  if (value === null) return { nullValue: 'NULL_VALUE' };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(valueFrom) } };
  return { structValue: structFrom(value as object) };
}

function readStructs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readStructs);
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(value, (key, inner) => [
    key,
    key === 'payloadStruct' ? plainStruct(inner) : readStructs(inner),
  ]);
}

function plainStruct(struct: unknown): object {
  return mapValues((struct as { fields: object }).fields, (key, value) => [key, plainValue(value as object)]);
}

function plainValue(value: object): unknown {
  const [entry] = Object.entries(value);
  if (entry === undefined) return null;
  const [kind, inner] = entry;
  if (kind === 'nullValue') return null;
  if (kind === 'structValue') return plainStruct(inner);
  if (kind === 'listValue') return (inner as { values?: object[] }).values?.map(plainValue) ?? [];
  return inner;
}
