import { type DescField, type DescMessage, type DescMethod, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { file_qdrant } from '@qdrant/js-client-grpc';
import type { CapturedCall } from '../support/capturing-peer.js';

/** A method of Qdrant's protocol by its short name, such as "Points/Search". */
export function qdrantMethod(name: string): DescMethod {
  const method = methods.get(name);
  if (method === undefined) throw new Error(`Qdrant has no ${name}`);
  return method;
}

const methods: ReadonlyMap<string, DescMethod> = new Map(
  [file_qdrant, ...file_qdrant.dependencies]
    .flatMap(({ services }) => services)
    .flatMap((service) =>
      service.methods.map((method) => [`${service.name}/${method.name}`, method] as const),
    ),
);

/**
 * Whether a field carries the name of a collection: by its name, for want of a mark in the descriptors. Names of
 * aliases are names of collections too.
 */
export function carriesCollection(field: DescField): boolean {
  return field.scalar === 9 && /(^|_)(collection|alias)(_|$)/.test(field.name);
}

/** The ways from a request's message to every field that carries a collection's name; recursion is gone round once. */
export function collectionPaths(desc: DescMessage, visited: readonly DescMessage[] = []): DescField[][] {
  if (visited.filter((each) => each === desc).length > 1) return [];
  return desc.fields.flatMap((field) => {
    if (carriesCollection(field)) return [[field]];
    const inner = field.message === undefined ? [] : collectionPaths(field.message, [...visited, desc]);
    return inner.map((rest) => [field, ...rest]);
  });
}

/** Every collection's name in a call as Qdrant reads it, wherever in the message it is. */
export function collectionsNamedIn({ method, request }: CapturedCall): string[] {
  const desc = qdrantMethod(method).input;
  return namesIn(reflect(desc, fromBinary(desc, request)));
}

/** Whether a call carries a field, at any depth, that this version of Qdrant's protocol does not know. */
export function hasUnknownFields({ method, request }: CapturedCall): boolean {
  const desc = qdrantMethod(method).input;
  return request.length !== toBinary(desc, fromBinary(desc, request, { readUnknownFields: false })).length;
}

function namesIn(message: ReflectMessage): string[] {
  return message.fields.flatMap((field): string[] => {
    if (!message.isSet(field)) return [];
    if (carriesCollection(field)) return [String(message.get(field))];
    if (field.fieldKind === 'message') return namesIn(message.get(field));
    if (field.fieldKind === 'list') return [...message.get(field)].flatMap(inValue);
    if (field.fieldKind === 'map') return [...message.get(field).values()].flatMap(inValue);
    return [];
  });
}

function inValue(value: unknown): string[] {
  return isReflected(value) ? namesIn(value) : [];
}

function isReflected(value: unknown): value is ReflectMessage {
  return typeof value === 'object' && value !== null && 'desc' in value && 'isSet' in value;
}
