import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { descriptorSetBase64 } from '../gen/descriptor_set.js';

let registry: FileRegistry | undefined;

/** The public API's own descriptors, parsed when first asked for. */
export function publicRegistry(): FileRegistry {
  registry ??= createFileRegistry(
    fromBinary(FileDescriptorSetSchema, Buffer.from(descriptorSetBase64, 'base64')),
  );
  return registry;
}

/** Descriptor of a public message such as `vectorgateway.v1.SearchPointsRequest`. */
export function publicMessage(typeName: string): DescMessage {
  const message = publicRegistry().getMessage(typeName);
  if (message === undefined) throw new Error(`no message ${typeName} in the public API`);
  return message;
}
