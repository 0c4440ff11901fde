import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { FilterInput } from '../../client/index.js';
import { Timestamp } from '../../gen/google/protobuf/timestamp.js';
import { Filter } from '../../gen/vectorgateway/v1/filter.js';
import { parseJson } from '../data/json-numbers.js';
import { UsageError } from '../usage-error.js';
import { type Field, filterMessage, type Message, messageOf } from './filter-fields.js';

const example = 'A filter is, for example, {"must":[{"field":{"key":"lang","match":{"keyword":"de"}}}]}';

/**
 * Reads a filter in the form that grpcurl takes: {"must":[{"field":{"key":"lang","match":{"keyword":"de"}}}]}. Throws
 * UsageError for whatever it does not know: left out, it would let more points pass.
 */
export function filterFromJson(text: string): FilterInput {
  const writer = new BinaryWriter();
  writeMessage(writer, filterMessage, parsed(text), '--filter');
  const { minShould, ...filter } = Filter.decode(writer.finish());
  if (minShould === undefined) return filter;
  const whole: Filter = { ...filter, minShould };
  return { must: [{ conditionOneOf: { $case: 'filter', value: whole } }] };
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`--filter: is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function writeMessage(
  writer: BinaryWriter,
  { fields, isOneOf }: Message,
  value: unknown,
  path: string,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(path, 'must be an object', fields);
  const entries = Object.entries(value);
  if (isOneOf === true && entries.length !== 1) throw wrong(path, 'must have exactly one member', fields);
  for (const [key, item] of entries) {
    const field = fieldNamed(fields, key);
    if (field === undefined) throw wrong(`${path}.${key.slice(0, 60)}`, 'is not known', fields);
    writeField(writer, field, item, `${path}.${key}`);
  }
}

/** Names may be written as in the .proto file or as in its JSON form: must_not and mustNot. */
function fieldNamed(fields: Readonly<Record<string, Field>>, key: string): Field | undefined {
  const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function writeField(writer: BinaryWriter, field: Field, value: unknown, path: string): void {
  if (field.isList !== true) {
    writeValue(writer, field, value, path);
    return;
  }
  if (!Array.isArray(value)) throw wrong(path, 'must be a list');
  for (const [index, item] of value.entries()) writeValue(writer, field, item, `${path}[${index}]`);
}

function writeValue(writer: BinaryWriter, { number, holds }: Field, value: unknown, path: string): void {
  const message = messageOf(holds);
  if (message !== undefined) {
    writer.uint32(number * 8 + 2).fork();
    writeMessage(writer, message, value, path);
    writer.join();
    return;
  }
  switch (holds) {
    case 'string':
      writer.uint32(number * 8 + 2).string(stringOf(value, path));
      break;
    case 'bool':
      if (typeof value !== 'boolean') throw wrong(path, 'must be true or false');
      writer.uint32(number * 8).bool(value);
      break;
    case 'int64':
      writer.uint32(number * 8).int64(integerOf(value, path, -(2n ** 63n), 2n ** 63n - 1n));
      break;
    case 'uint64':
      writer.uint32(number * 8).uint64(integerOf(value, path, 0n, 2n ** 64n - 1n));
      break;
    case 'double':
      writer.uint32(number * 8 + 1).double(numberOf(value, path));
      break;
    case 'float':
      writer.uint32(number * 8 + 5).float(numberOf(value, path));
      break;
    case 'timestamp':
      writer.uint32(number * 8 + 2).bytes(timestampOf(stringOf(value, path), path));
  }
}

function stringOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw wrong(path, 'must be a string');
}

/** JSON of proto writes integers of 64 bits as strings; both are read. */
function integerOf(value: unknown, path: string, least: bigint, most: bigint): bigint {
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value);
  const isText = typeof value === 'string' && /^-?\d{1,20}$/.test(value);
  const integer = isInteger || isText ? BigInt(String(value)) : undefined;
  if (integer !== undefined && integer >= least && integer <= most) return integer;
  throw wrong(path, `must be an integer from ${least} to ${most}`);
}

function numberOf(value: unknown, path: string): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw wrong(path, 'must be a number');
}

function timestampOf(text: string, path: string): Uint8Array {
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw wrong(path, 'must be a time such as "2026-01-31T12:00:00Z"');
  const seconds = Math.floor(ms / 1000);
  return Timestamp.encode({ seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1e6 }).finish();
}

function wrong(path: string, what: string, fields?: Readonly<Record<string, Field>>): UsageError {
  const known = fields === undefined ? '' : `; known are: ${Object.keys(fields).join(', ')}. ${example}`;
  return new UsageError(`${path} ${what}${known}`);
}
