import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { checkDeclared } from './allow-list.js';
import { asBuffer } from './cursor.js';
import { WireFault } from './fault.js';
import { publicMessage } from './public-types.js';
import { decodeScanned, scanMessage } from './scan.js';

/**
 * Decodes a request into Qdrant's own message: what is checked afterwards is what will be encoded and sent. The bytes
 * are scanned first (structure, UTF-8, numbers of elements), fields given twice are merged as Qdrant merges them,
 * unknown fields are dropped, and set fields that `publicTypeName` does not declare are refused. collection_name is
 * left for the caller to read and clear.
 * Throws GatewayError(REQUEST_MALFORMED | LIMIT_EXCEEDED | FIELD_UNSUPPORTED) with the path of the field.
 */
export function decodeRequest<Desc extends DescMessage>(
  schema: Desc,
  publicTypeName: string,
  message: Uint8Array,
): MessageShape<Desc> {
  const declared = publicMessage(publicTypeName);
  try {
    const bytes = asBuffer(message);
    scanMessage(schema, bytes);
    const decoded = decodeScanned(schema, bytes);
    checkDeclared(schema, declared, decoded);
    return decoded;
  } catch (error) {
    throw error instanceof WireFault ? inOwnWords(error).toGatewayError() : error;
  }
}

/** A path by Qdrant's descriptors ends in Qdrant's name where ours is another. */
function inOwnWords(fault: WireFault): WireFault {
  const field = fault.field.replace(/\bcollection_name$/, 'collection');
  return field === fault.field ? fault : new WireFault(fault.reason, field, fault.description);
}

/**
 * Checks the bytes of a request that has no counterpart in Qdrant (or another layout) before a generated stub decodes
 * it: structure, wire types, UTF-8, numbers of elements. Throws GatewayError(REQUEST_MALFORMED | LIMIT_EXCEEDED).
 */
export function scanRequest(publicTypeName: string, message: Uint8Array): void {
  const declared = publicMessage(publicTypeName);
  try {
    scanMessage(declared, asBuffer(message));
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError() : error;
  }
}
