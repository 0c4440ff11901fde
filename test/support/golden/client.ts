import {
  type DescFile,
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { type ChannelCredentials, Client, Metadata, status } from '@grpc/grpc-js';
import { file_qdrant } from '@qdrant/js-client-grpc';
import type { Fields } from './recordings.js';

export interface Answer {
  readonly code: string;
  readonly message?: string;
  readonly response?: Fields;
}

/** Calls any RPC of Qdrant with proto3 JSON. */
export interface JsonClient {
  call(rpc: string, request: Fields): Promise<Answer>;
  close(): void;
}

const unlimited = { 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 };

/** `headers` go with every call. */
export function jsonClient(
  address: string,
  credentials: ChannelCredentials,
  headers: Readonly<Record<string, string | undefined>> = {},
): JsonClient {
  const client = new Client(address, credentials, unlimited);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) metadata.set(name, value);
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    call: (rpc, request) => {
      const method = methods.get(rpc);
      if (method === undefined) throw new Error(`there is no RPC ${rpc}`);
      const bytes = Buffer.from(toBinary(method.input, fromJson(method.input, request)));
      const options = { deadline: Date.now() + 30_000 };
      return new Promise((resolve) => {
        client.makeUnaryRequest(`/${rpc}`, same, same, bytes, metadata, options, (error, reply) => {
          if (error !== null) resolve({ code: status[error.code] ?? '', message: error.details });
          else
            resolve({
              code: 'OK',
              response: fields(toJson(method.output, fromBinary(method.output, reply!))),
            });
        });
      });
    },
    close: () => client.close(),
  };
}

function fields(value: JsonValue): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a message');
  return value;
}

const methods = new Map<string, DescMethod>();
addMethods(file_qdrant);

function addMethods(file: DescFile): void {
  for (const service of file.services) {
    for (const method of service.methods) methods.set(`${service.typeName}/${method.name}`, method);
  }
  for (const dependency of file.dependencies) addMethods(dependency);
}
