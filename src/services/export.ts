import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type PointId,
  PointIdSchema,
  type ScrollPoints,
  ScrollPointsSchema,
  WithPayloadSelectorSchema,
  WithVectorsSelectorSchema,
} from '@qdrant/js-client-grpc';
import type { CallContext } from '../backend/index.js';
import { fieldError, GatewayError } from '../errors/index.js';
import { ExportPointsRequest, ExportPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import type { TenantScope } from '../tenancy/index.js';
import { decodeRequest, exportedPage, payloadsToStruct } from '../wire/index.js';
import { checkQdrantRequest, nativeFace } from '../wire/qdrant/index.js';
import { CollectionAccess } from './collection-access.js';
import type { ServiceDeps } from './deps.js';
import { plainVectorSize } from './facts.js';
import { readPayloadSelector } from './payload-selector.js';

/** Writes one message; resolves when the caller has room for the next, rejects when the call is over. */
export type SendMessage = (message: Buffer) => Promise<void>;

/** ExportPoints: page after page, no faster than they are taken. */
export async function exportPoints(
  deps: ServiceDeps,
  scope: TenantScope,
  request: Buffer,
  send: SendMessage,
  context: CallContext,
): Promise<void> {
  const message = decodeRequest(ScrollPointsSchema, 'vectorgateway.v1.ExportPointsRequest', request);
  const collection = message.collectionName;
  const access = new CollectionAccess(deps, scope, collection, context);
  const asStruct = readPayloadSelector(message, request, [6]);
  message.withPayload ??= create(WithPayloadSelectorSchema, {
    selectorOptions: { case: 'enable', value: true },
  });
  message.withVectors ??= create(WithVectorsSelectorSchema, {
    selectorOptions: { case: 'enable', value: true },
  });
  const { cursor } = ExportPointsRequest.decode(request);
  if (cursor !== '') message.offset = decodeCursor(cursor, collection);
  const facts = await access.freshFacts();
  checkQdrantRequest(ScrollPointsSchema, message, collection, undefined, nativeFace);
  // Points with named vectors cannot be told in the form of those that are stored.
  if (message.withVectors.selectorOptions.value !== false) plainVectorSize(facts);
  message.collectionName = '';
  const reader = new PageReader(access, message);
  for (;;) {
    const reply = await reader.read();
    const page = exportedPage(asStruct ? payloadsToStruct(reply, 2) : reply);
    const next = page.next === undefined ? '' : encodeCursor(page.next, collection);
    const head = ExportPointsResponse.encode({ collection, points: [], cursor: next }).finish();
    if (page.count > 0) await send(Buffer.concat([head, page.points]));
    if (page.next === undefined) return;
    message.offset = fromBinary(PointIdSchema, page.next);
  }
}

/** Scrolls with pages that fit: one that is too large for a reply is asked for again in a smaller size. */
class PageReader {
  readonly #access: CollectionAccess;
  readonly #message: ScrollPoints;
  #limit = pagePoints;

  constructor(access: CollectionAccess, message: ScrollPoints) {
    this.#access = access;
    this.#message = message;
  }

  /** Throws REPLY_TOO_LARGE when a single point does not fit. */
  async read(): Promise<Uint8Array> {
    for (;;) {
      const reply = await this.#page();
      if (reply !== undefined && reply.length <= mostBytes) {
        if (reply.length > maxPageBytes) this.#shrink(pageBytes / reply.length);
        return reply;
      }
      if (this.#limit === 1) throw new GatewayError('REPLY_TOO_LARGE', 'a point is larger than 32 MiB');
      this.#shrink(0.25);
    }
  }

  /** Undefined when the backend, or the way from it, finds the reply too large. */
  async #page(): Promise<Uint8Array | undefined> {
    this.#message.limit = this.#limit;
    try {
      return await this.#access.call('Points/Scroll', toBinary(ScrollPointsSchema, this.#message));
    } catch (error) {
      if (error instanceof GatewayError && error.reason === 'REPLY_TOO_LARGE') return undefined;
      throw error;
    }
  }

  #shrink(factor: number): void {
    this.#limit = Math.max(1, Math.floor(this.#limit * factor));
  }
}

const encodeCursor = (id: Uint8Array, collection: string): string =>
  Buffer.concat([Buffer.from(`${collection}.`), id]).toString('base64url');

function decodeCursor(cursor: string, collection: string): PointId {
  const bytes = Buffer.from(cursor.slice(0, maxCursorLength), 'base64url');
  const prefix = Buffer.from(`${collection}.`);
  try {
    const id = fromBinary(PointIdSchema, bytes.subarray(prefix.length));
    if (bytes.subarray(0, prefix.length).equals(prefix) && id.pointIdOptions.case !== undefined) return id;
  } catch {
    // Bytes that are no message, as any other text.
  }
  throw fieldError('PAGE_TOKEN_INVALID', 'cursor', 'is not a cursor of this collection');
}

const pagePoints = 256;
const mebibyte = 1024 * 1024;
// What pages are made to have once one was larger than the next number.
const pageBytes = 2 * mebibyte;
const maxPageBytes = 4 * mebibyte;
const mostBytes = 32 * mebibyte;
const maxCursorLength = 1024;
