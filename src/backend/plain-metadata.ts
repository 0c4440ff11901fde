import { Metadata, type MetadataValue } from '@grpc/grpc-js';

/**
 * Metadata of calls whose replies shall not be compressed. grpc-js offers gzip on every call and has no option for it;
 * Qdrant then packs each reply, and to unpack one of a search costs more than all else that the gateway does with it.
 */
export class PlainMetadata extends Metadata {
  override set(key: string, value: MetadataValue): void {
    super.set(key, key === 'grpc-accept-encoding' ? 'identity' : value);
  }

  // grpc-js writes its offer into a copy.
  override clone(): PlainMetadata {
    const copy = new PlainMetadata(this.getOptions());
    copy.merge(this);
    return copy;
  }
}
