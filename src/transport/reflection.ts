import {
  create,
  createFileRegistry,
  type DescFile,
  type FileRegistry,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { file_qdrant } from '@qdrant/js-client-grpc';
import { Code } from '../errors/index.js';
import { descriptorSetBase64 } from '../gen/descriptor_set.js';
import type {
  ServerReflectionRequest,
  ServerReflectionResponse,
} from '../gen/grpc/reflection/v1/reflection.js';

let known: FileRegistry | undefined;

/** Made when first asked for: most gateways never are, and it takes some megabytes. */
function registry(): FileRegistry {
  known ??= createFileRegistry(
    create(FileDescriptorSetSchema, { file: [...withImports(file_qdrant), ...ownFiles()] }),
  );
  return known;
}

function ownFiles(): FileDescriptorProto[] {
  return fromBinary(FileDescriptorSetSchema, Buffer.from(descriptorSetBase64, 'base64')).file;
}

/** The files of Qdrant's own services, each behind what it imports. */
function withImports(file: DescFile): FileDescriptorProto[] {
  return [...new Set([...file.dependencies.flatMap(withImports), file.proto])];
}

type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

/**
 * Server reflection over the descriptor set, for v1 and v1alpha alike (their messages are the same on the wire).
 * `services` are the full names that are listed.
 */
export function reflectionImplementation(services: readonly string[]): UntypedServiceImplementation {
  return {
    serverReflectionInfo: (call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>) => {
      call.on('data', (request: ServerReflectionRequest) => {
        const hasRoom = call.write({
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request, services),
        });
        if (hasRoom) return;
        // Whoever asks on without reading the answers would fill the memory with them.
        call.pause();
        call.once('drain', () => call.resume());
      });
      call.on('end', () => call.end());
      // A caller that goes away is no event worth more than the end of its stream.
      call.on('error', () => call.end());
    },
  };
}

function answer(request: ServerReflectionRequest, services: readonly string[]): Answer {
  const asked = request.messageRequest;
  switch (asked?.$case) {
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return filesOf(registry().getFile(asked.value), asked.value);
    case 'fileContainingSymbol':
      return filesOf(fileOfSymbol(asked.value), asked.value);
    case 'allExtensionNumbersOfType':
      return {
        $case: 'allExtensionNumbersResponse',
        value: { baseTypeName: asked.value, extensionNumber: [] },
      };
    default:
      return notFound('extensions');
  }
}

// A symbol may be a type, a service, or a member of one ("package.Service.Method").
function fileOfSymbol(symbol: string): DescFile | undefined {
  const direct = registry().get(symbol);
  if (direct !== undefined) return direct.file;
  const parent = registry().get(symbol.slice(0, Math.max(0, symbol.lastIndexOf('.'))));
  const member = symbol.slice(symbol.lastIndexOf('.') + 1);
  if (parent?.kind === 'service')
    return parent.methods.some(({ name }) => name === member) ? parent.file : undefined;
  if (parent?.kind === 'message')
    return parent.members.some(({ name }) => name === member) ? parent.file : undefined;
  return undefined;
}

// With everything it imports, so that a client needs one question only.
function filesOf(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) return notFound(asked);
  const seen = new Map<string, DescFile>();
  const visit = (next: DescFile): void => {
    if (seen.has(next.proto.name)) return;
    seen.set(next.proto.name, next);
    next.dependencies.forEach(visit);
  };
  visit(file);
  const fileDescriptorProto = [...seen.values()].map(({ proto }) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, proto)),
  );
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(asked: string): Answer {
  return { $case: 'errorResponse', value: { errorCode: Code.NOT_FOUND, errorMessage: `${asked} not found` } };
}
