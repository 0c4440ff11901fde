import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { CollectionMethod } from '../backend/index.js';
import { decodeRequest, keepFields } from '../wire/index.js';
import { nativeFace } from '../wire/qdrant/index.js';
import type { UnaryUseCase } from './deps.js';
import { bounded } from './reply-bound.js';
import { type AboutCollection, checkRequest } from './request.js';

/** A reading RPC of vectorgateway.v1: Qdrant's own request and reply but for what is said here. */
export interface NativeRead<Desc extends DescMessage> {
  readonly method: CollectionMethod;
  readonly schema: AboutCollection<Desc>;
  /** The request in vectorgateway.v1, which has fewer fields. */
  readonly request: string;
  /** Fields of the reply that the API declares; the others (timings, hardware usage) stay behind. */
  readonly kept: readonly number[];
  /** Sets the defaults that differ from Qdrant's, and says what the reply needs. `request` are the bytes of it all. */
  readonly prepare?: (message: MessageShape<Desc>, request: Buffer) => ShowReply | undefined;
  readonly encode?: (message: MessageShape<Desc>) => Uint8Array;
}

/** Turns the reply into what was asked for. */
export type ShowReply = (reply: Buffer) => Buffer;

/** The use case of such an RPC. */
export function nativeRead<Desc extends DescMessage>(rpc: NativeRead<Desc>): UnaryUseCase {
  const { method, schema, kept, encode = (message) => toBinary(schema, message) } = rpc;
  return async (deps, scope, request, context) => {
    const decoded = decodeRequest<AboutCollection<Desc>>(schema, `vectorgateway.v1.${rpc.request}`, request);
    const show = rpc.prepare?.(decoded, request);
    const { access, message } = await checkRequest(deps, scope, schema, decoded, context, nativeFace);
    const reply = keepFields(await access.call(method, encode(message)), kept);
    return bounded(show === undefined ? reply : show(reply), deps.maxReplyBytes);
  };
}
