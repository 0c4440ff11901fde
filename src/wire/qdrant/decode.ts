import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { asBuffer } from '../cursor.js';
import { WireFault } from '../fault.js';
import { decodeScanned, newScanCount, scanMessage } from '../scan.js';

/**
 * Decodes a request of Qdrant's own protocol. Fields given twice are merged as Qdrant merges them; a field that the
 * official package does not know is refused, because what it would do there nobody can check.
 * Throws GatewayError(REQUEST_MALFORMED | LIMIT_EXCEEDED | FIELD_UNSUPPORTED | FILTER_INVALID) with the path.
 */
export function decodeQdrantRequest<Desc extends DescMessage>(
  schema: Desc,
  request: Uint8Array,
): MessageShape<Desc> {
  try {
    const bytes = asBuffer(request);
    scanMessage(schema, bytes, newScanCount(true));
    return decodeScanned(schema, bytes);
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError() : error;
  }
}
