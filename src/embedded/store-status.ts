import { status } from '@grpc/grpc-js';

/** An answer that is not OK: a gRPC code and a text for the caller, worded like Qdrant's where Qdrant has one. */
export class StoreStatus extends Error {
  override readonly name = 'StoreStatus';
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

export const invalid = (message: string) => new StoreStatus(status.INVALID_ARGUMENT, message);

export const notFound = (message: string) => new StoreStatus(status.NOT_FOUND, message);

/** What this store does not do is said, never answered with something else. */
export const unsupported = (what: string) =>
  new StoreStatus(
    status.UNIMPLEMENTED,
    `the embedded store does not support ${what}; set QDRANT_URL to use a Qdrant`,
  );

export const validation = (field: string, fault: string) =>
  invalid(`Validation error in body: [${field}: ${fault}]`);
