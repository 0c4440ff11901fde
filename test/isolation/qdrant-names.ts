import {
  create,
  type DescField,
  type DescMessage,
  type DescMethod,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { file_qdrant } from '@qdrant/js-client-grpc';
import type { CapturedCall } from '../support/capturing-peer.js';
import { lengthField } from '../support/wire-bytes.js';

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

/** An encoded message in which nothing is set but the field at the end of the path. */
export function encodePath(
  desc: DescMessage,
  [field, ...rest]: readonly DescField[],
  name: string,
): Uint8Array {
  if (field === undefined) return new Uint8Array(0);
  if (field.message === undefined) {
    const message = reflect(desc, create(desc));
    message.set(field, name);
    return toBinary(desc, message.message);
  }
  // A message field and an element of a list are written alike.
  return lengthField(field.number, encodePath(field.message, rest, name));
}

/** Every collection's name in a call as Qdrant reads it, wherever in the message it is. */
export function collectionsNamedIn({ method, request }: CapturedCall): string[] {
  const desc = qdrantMethod(method).input;
  return namesIn(reflect(desc, fromBinary(desc, request)));
}

/** Whether a call carries a field, at any depth, that this version of Qdrant's protocol does not know. */
export function hasUnknownFields({ method, request }: CapturedCall): boolean {
  const desc = qdrantMethod(method).input;
  return hasUnknown(reflect(desc, fromBinary(desc, request)));
}

function hasUnknown(message: ReflectMessage): boolean {
  return (message.getUnknown() ?? []).length > 0 || messagesIn(message).some(hasUnknown);
}

function namesIn(message: ReflectMessage): string[] {
  const own = message.fields.filter((field) => carriesCollection(field) && message.isSet(field));
  return [...own.map((field) => String(message.get(field))), ...messagesIn(message).flatMap(namesIn)];
}

function messagesIn(message: ReflectMessage): ReflectMessage[] {
  return message.fields.flatMap((field): ReflectMessage[] => {
    if (field.message === undefined || !message.isSet(field)) return [];
    if (field.fieldKind === 'message') return [message.get(field)];
    if (field.fieldKind === 'list') return [...message.get(field)].filter(isReflected);
    return field.fieldKind === 'map' ? [...message.get(field).values()].filter(isReflected) : [];
  });
}

function isReflected(value: unknown): value is ReflectMessage {
  return typeof value === 'object' && value !== null && 'desc' in value && 'isSet' in value;
}
