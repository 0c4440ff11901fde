import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type Struct as GoogleStruct, type Value as GoogleValue, StructSchema } from '@bufbuild/protobuf/wkt';
import { type Value, ValueSchema } from '@qdrant/js-client-grpc';
import { GatewayError } from '../../../src/errors/index.js';
import { publicMessage } from '../../../src/wire/public-types.js';

/** What protobuf-es makes of the bytes; unknown fields left out. */
export function decoded<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  return fromBinary(schema, bytes, { readUnknownFields: false });
}

/** The same with every unknown field, so that one that should have been dropped makes a difference. */
export function canonical<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): Buffer {
  return Buffer.from(toBinary(schema, fromBinary(schema, bytes)));
}

export function encoded<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Buffer {
  return Buffer.from(toBinary(schema, message));
}

/** Whether the message has a set field that the public type of this name does not declare, at any depth. */
export function hasUndeclared<Desc extends DescMessage>(
  schema: Desc,
  publicTypeName: string,
  message: MessageShape<Desc>,
): boolean {
  return hasUnknown(fromBinary(publicMessage(publicTypeName), toBinary(schema, message)));
}

function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  const { $unknown } = value as { $unknown?: readonly unknown[] };
  if ($unknown !== undefined && $unknown.length > 0) return true;
  return Object.values(value).some(hasUnknown);
}

/** google.protobuf.Struct as Qdrant's values: the reference, in objects, of what the gateway does in bytes. */
export function fieldsToQdrant(struct: GoogleStruct): Record<string, Value> {
  return mapOwn(struct.fields, toQdrant);
}

/** `__proto__` must stay a key of its own. */
function mapOwn<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  const result: Record<string, To> = {};
  for (const [key, value] of Object.entries(record)) {
    Object.defineProperty(result, key, {
      value: change(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return result;
}

function toQdrant({ kind }: GoogleValue): Value {
  switch (kind.case) {
    case 'boolValue':
    case 'stringValue':
      return create(ValueSchema, { kind });
    case 'numberValue': {
      const integral =
        Number.isInteger(kind.value) && Math.abs(kind.value) <= 2 ** 53 && !Object.is(kind.value, -0);
      return create(ValueSchema, {
        kind: integral
          ? { case: 'integerValue', value: BigInt(kind.value) }
          : { case: 'doubleValue', value: kind.value },
      });
    }
    case 'structValue':
      return create(ValueSchema, {
        kind: { case: 'structValue', value: { fields: fieldsToQdrant(asStruct(kind.value)) } },
      });
    case 'listValue':
      return create(ValueSchema, {
        kind: { case: 'listValue', value: { values: kind.value.values.map(toQdrant) } },
      });
    default:
      return create(ValueSchema, { kind: { case: 'nullValue', value: 0 } });
  }
}

// protobuf-es shows a Struct inside a Value as the message or, in generated types, as a plain JSON object.
function asStruct(value: unknown): GoogleStruct {
  return value as GoogleStruct;
}

/** Runs the work; the GatewayError it throws, or undefined. Anything else thrown fails the test. */
export function refusal(work: () => unknown): GatewayError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** Every occurrence of a field that the schema does not declare, in order: wire type, and content without its length. */
export function unknownChunks<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  field: number,
): { wireType: number; content: Uint8Array }[] {
  const unknown = fromBinary(schema, bytes).$unknown ?? [];
  return unknown
    .filter(({ no }) => no === field)
    .map(({ wireType, data }) => ({
      wireType,
      content: wireType === WireType.LengthDelimited ? new BinaryReader(data).bytes() : data,
    }));
}

/** A Struct in a field that the schema does not declare, its occurrences merged; undefined when there is none. */
export function unknownStruct<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  field: number,
): GoogleStruct | undefined {
  const chunks = unknownChunks(schema, bytes, field);
  if (chunks.length === 0) return undefined;
  return fromBinary(StructSchema, Buffer.concat(chunks.map(({ content }) => content)));
}
