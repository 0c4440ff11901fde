import type { ServerReadableStream } from '@grpc/grpc-js';
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

export type RawClientStream = ServerReadableStream<Buffer, Buffer>;
export type RpcRow = UnaryRow | ClientStreamRow;

// The kind of row follows from the generated definition: a stream cannot be given a unary handler.
type RowFor<Definition> = Definition extends { readonly requestStream: true } ? ClientStreamRow : UnaryRow;

/** One row for every RPC of a generated service: one that is left out does not compile. */
export type ServiceTable<Service> = { readonly [Rpc in keyof Service]: RowFor<Service[Rpc]> };

export type CollectionsTable = ServiceTable<CollectionsServiceService>;
export type PointsTable = ServiceTable<PointsServiceService>;
