import type { PointId } from '@qdrant/js-client-grpc';
import { fieldError } from '../errors/index.js';
import { excerpt, WireFault } from './fault.js';

// The forms that Qdrant parses: hyphenated, 32 digits, urn:uuid: and braces, in either case.
const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const anyUuid = /^(?:urn:uuid:|(\{))?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(\})?$/;
const plainUuid = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;

/** The lower-case hyphenated form of a UUID in any form that Qdrant accepts; undefined for any other text. */
export function canonicalUuidOf(text: string): string | undefined {
  if (canonicalUuid.test(text)) return text;
  if (text.length > 45) return undefined;
  const plain = plainUuid.exec(text);
  if (plain !== null) return plain.slice(1).join('-').toLowerCase();
  const hyphenated = anyUuid.exec(text);
  // Braces come in pairs.
  if (hyphenated === null || (hyphenated[1] === undefined) !== (hyphenated[3] === undefined))
    return undefined;
  return hyphenated[2]?.toLowerCase();
}

export function uuidFault(text: string): WireFault {
  const hint = 'is neither a number nor a UUID; derive a UUID (version 5, for example) from your own id';
  return new WireFault('POINT_ID_INVALID', 'id.uuid', `"${excerpt(text)}" ${hint}`);
}

export function missingId(): WireFault {
  return new WireFault('POINT_ID_INVALID', 'id', 'is missing: give num or uuid');
}

/** Checks an id of a decoded request. Throws POINT_ID_INVALID at `field`. */
export function checkPointId(id: PointId | undefined, field: string): void {
  const options = id?.pointIdOptions;
  if (options?.case === 'num') return;
  if (options?.case !== 'uuid') throw fieldError('POINT_ID_INVALID', field, 'is missing: give num or uuid');
  if (canonicalUuidOf(options.value) === undefined) {
    throw fieldError('POINT_ID_INVALID', `${field}.uuid`, uuidFault(options.value).description);
  }
}
