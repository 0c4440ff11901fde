import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorSet, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { file_qdrant } from '@qdrant/js-client-grpc';
import { descriptorSetBase64 } from '../../src/gen/descriptor_set.js';
import { reservedRpcs } from './qdrant-rows.js';
import { type IsolationRow, rows } from './rows.js';

/** One RPC of the public API, as a raw client calls it. */
export interface PublicRpc {
  /** "Service/Rpc", the key of its row. */
  readonly name: string;
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly input: DescMessage;
  readonly output: DescMessage;
}

/** The descriptors that reflection serves. */
export function servedDescriptors(): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, Buffer.from(descriptorSetBase64, 'base64'));
}

// Health and reflection need no identity and touch no collection: everything else must have a row, or be refused.
// Of Qdrant's own services only this one is open: it tells the version.
const open = /^(grpc\.(health|reflection)\.|qdrant\.Qdrant$)/;

/** Every RPC of every service in the descriptors, and of Qdrant's own services, that works for a tenant. */
export function publicRpcs(descriptors: FileDescriptorSet = servedDescriptors()): PublicRpc[] {
  const registry: FileRegistry = createFileRegistry(descriptors);
  const services = [...registry].filter((type) => type.kind === 'service');
  const official = [file_qdrant, ...file_qdrant.dependencies].flatMap((file) => file.services);
  return [...services, ...official]
    .filter(({ typeName }) => !open.test(typeName))
    .flatMap((service) =>
      service.methods.map(({ name, methodKind, input, output }) => ({
        input,
        output,
        name: `${service.name}/${name}`,
        path: `/${service.typeName}/${name}`,
        requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
        responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
      })),
    );
}

/** RPCs that no row covers: they fail the isolation tests until somebody says what they may touch. */
export function withoutRow(rpcs: readonly PublicRpc[]): string[] {
  return rpcs
    .filter(({ name }) => !Object.hasOwn(rows, name) && !reservedRpcs.has(name))
    .map(({ name }) => name);
}

export interface Case extends PublicRpc, IsolationRow {}

/** All RPCs with their rows, for test.each by name. */
export const cases: readonly Case[] = publicRpcs().flatMap((rpc) => {
  const row = rows[rpc.name];
  return row === undefined ? [] : [{ ...rpc, ...row }];
});

/**
 * The cases whose request names a collection, in its first field; aliases.test.ts has the one that does elsewhere, and a
 * stream of searches has a request inside.
 */
export const namingCases: readonly Case[] = cases.filter(
  ({ name, onMissing, sends }) =>
    onMissing !== 'names none' &&
    sends !== 'Collections/UpdateAliases' &&
    name !== 'PointsService/StreamSearchPoints',
);
