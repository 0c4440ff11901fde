import type { ServerDuplexStream, ServerReadableStream, ServerWritableStream } from '@grpc/grpc-js';
import type { CallContext } from '../backend/index.js';
import type { CollectionsServiceService } from '../gen/vectorgateway/v1/collections_service.js';
import type { PointsServiceService } from '../gen/vectorgateway/v1/points_service.js';
import type { AccessScope, TenantScope } from '../tenancy/index.js';

/** A unary RPC: nothing runs without a scope, and requests arrive undecoded. */
export interface UnaryRow {
  readonly kind: 'unary';
  /** What the credential must allow. */
  readonly needs: AccessScope;
  readonly handle: (scope: TenantScope, request: Buffer, context: CallContext) => Promise<Uint8Array>;
}

/** A client-streaming RPC; messages arrive undecoded. */
export interface ClientStreamRow {
  readonly kind: 'client-stream';
  readonly needs: AccessScope;
  readonly handle: (scope: TenantScope, call: RawClientStream, context: CallContext) => Promise<Uint8Array>;
}

/** A bidirectional RPC; messages arrive undecoded, and leave encoded. It resolves when nothing is left to say. */
export interface BidiStreamRow {
  readonly kind: 'bidi-stream';
  readonly needs: AccessScope;
  readonly handle: (scope: TenantScope, call: RawBidiStream, context: CallContext) => Promise<void>;
}

/** A server-streaming RPC; messages leave encoded. It resolves when nothing is left to say. */
export interface ServerStreamRow {
  readonly kind: 'server-stream';
  readonly needs: AccessScope;
  readonly handle: (scope: TenantScope, call: RawServerStream, context: CallContext) => Promise<void>;
}

export type RawServerStream = ServerWritableStream<Buffer, Buffer>;
export type RawClientStream = ServerReadableStream<Buffer, Buffer>;
export type RawBidiStream = ServerDuplexStream<Buffer, Buffer>;
export type RpcRow = UnaryRow | ClientStreamRow | ServerStreamRow | BidiStreamRow;

// The kind of row follows from the generated definition: a stream cannot be given a unary handler.
type RowFor<Definition> = Definition extends { readonly requestStream: true; readonly responseStream: true }
  ? BidiStreamRow
  : Definition extends { readonly requestStream: true }
    ? ClientStreamRow
    : Definition extends { readonly responseStream: true }
      ? ServerStreamRow
      : UnaryRow;

/** One row for every RPC of a generated service: one that is left out does not compile. */
export type ServiceTable<Service> = { readonly [Rpc in keyof Service]: RowFor<Service[Rpc]> };

export type CollectionsTable = ServiceTable<CollectionsServiceService>;
export type PointsTable = ServiceTable<PointsServiceService>;
