import { create } from '@bufbuild/protobuf';
import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type PointId, PointIdSchema } from '@qdrant/js-client-grpc';
import { invalid } from '../store-status.js';

/**
 * An id in the form the store sorts and looks up by: a latin1 string whose bytes are 0x00 + u64 big-endian or
 * 0x01 + the 16 bytes of a UUID. Byte order is Qdrant's order: numbers first, then UUIDs.
 */
export type IdKey = string;

const HYPHENATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SIMPLE = /^[0-9a-f]{32}$/i;
const scratch = Buffer.alloc(9);

export function numberKey(value: bigint): IdKey {
  scratch[0] = 0;
  scratch.writeBigUInt64BE(value, 1);
  return scratch.toString('latin1');
}

/** Accepts what Qdrant accepts: hyphenated, bare, urn:uuid: and braced forms, in any case. */
export function uuidKey(text: string): IdKey {
  let inner = text;
  if (/^urn:uuid:/.test(text)) inner = text.slice(9);
  else if (text.startsWith('{') && text.endsWith('}')) inner = text.slice(1, -1);
  const hyphenated = HYPHENATED.test(inner);
  if (!hyphenated && !(inner === text && SIMPLE.test(text))) throw invalid(`Unable to parse UUID: ${text}`);
  return `\x01${Buffer.from(inner.replaceAll('-', ''), 'hex').toString('latin1')}`;
}

export function idKey(id: PointId): IdKey {
  const option = id.pointIdOptions;
  if (option.case === 'num') return numberKey(option.value);
  if (option.case === 'uuid') return uuidKey(option.value);
  throw invalid('No ID options provided');
}

export const idKeys = (ids: readonly PointId[]): IdKey[] => ids.map(idKey);

function uuidText(key: IdKey): string {
  const hex = Buffer.from(key, 'latin1').toString('hex', 1);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const numberOfKey = (key: IdKey): bigint => Buffer.from(key, 'latin1').readBigUInt64BE(1);

export const idText = (key: IdKey): string =>
  key.charCodeAt(0) === 0 ? numberOfKey(key).toString() : uuidText(key);

export function idMessage(key: IdKey): PointId {
  const pointIdOptions: PointId['pointIdOptions'] =
    key.charCodeAt(0) === 0
      ? { case: 'num', value: numberOfKey(key) }
      : { case: 'uuid', value: uuidText(key) };
  return create(PointIdSchema, { pointIdOptions });
}

/** Writes `PointId` as field `field`. */
export function writeId(writer: BinaryWriter, field: number, key: IdKey): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  if (key.charCodeAt(0) === 0) writer.tag(1, WireType.Varint).uint64(numberOfKey(key));
  else writer.tag(2, WireType.LengthDelimited).string(uuidText(key));
  writer.join();
}
