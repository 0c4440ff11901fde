import { fromBinary } from '@bufbuild/protobuf';
import { HealthCheckReplySchema, ListCollectionsResponseSchema } from '@qdrant/js-client-grpc';
import { GatewayError } from '../errors/index.js';
import type { MessageBody } from '../wire/index.js';

/** An encoded request about a collection: field 1 (its name, in UTF-8) in front of the rest. */
export function withCollectionName(name: string, body: Uint8Array | MessageBody): MessageBody {
  const nameBytes = Buffer.from(name, 'utf8');
  const head =
    nameBytes.length < 128
      ? [nameTag, nameBytes.length]
      : [nameTag, (nameBytes.length & 127) | 128, nameBytes.length >> 7];
  const front = Buffer.concat([Buffer.from(head), nameBytes]);
  const rest = body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.length) : body;
  return {
    length: front.length + rest.length,
    copy: (target, at) => {
      front.copy(target, at);
      rest.copy(target, at + front.length);
    },
  };
}

export function readCollectionNames(reply: Buffer): readonly string[] {
  return decode(() => fromBinary(ListCollectionsResponseSchema, reply).collections.map(({ name }) => name));
}

/** The version that a HealthCheck answers. */
export function readVersion(reply: Buffer): string {
  return decode(() => fromBinary(HealthCheckReplySchema, reply).version);
}

/** Throws BACKEND_ERROR for an answer that cannot be read. */
export function decode<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new GatewayError('BACKEND_ERROR', 'the backend sent an answer that cannot be read', {
      cause: error,
    });
  }
}

// Field 1, length-delimited, as in every request of Qdrant that names a collection. A name has at most 200 bytes.
const nameTag = 0x0a;
