import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { status } from '@grpc/grpc-js';
import type { WithPayloadSelector, WithVectorsSelector } from '@qdrant/js-client-grpc';
import type { StoredPoint } from '../engine/points.js';
import { encodePayload } from '../model/payload-codec.js';
import { type IdKey, writeId } from '../model/point-id.js';
import { invalid, StoreStatus } from '../store-status.js';
import { secondsSince } from './handler.js';
import { type PayloadSelect, payloadSelect } from './payload-select.js';

/** What replies show of a point besides its id. */
export interface Selection {
  readonly payload: PayloadSelect;
  readonly vectors: boolean;
}

interface Selectors {
  readonly withPayload?: WithPayloadSelector;
  readonly withVectors?: WithVectorsSelector;
}

export const selectionOf = (request: Selectors, payloadByDefault: 'all' | 'none' = 'none'): Selection => ({
  payload: payloadSelect(request.withPayload, payloadByDefault),
  vectors: wantsVectors(request.withVectors),
});

function wantsVectors(selector: WithVectorsSelector | undefined): boolean {
  const options = selector?.selectorOptions;
  if (!options) return false;
  if (options.case === undefined) throw invalid('No VectorsSelector');
  if (options.case === 'enable') return options.value;
  const unknown = options.value.names.find((name) => name !== '');
  if (unknown !== undefined) throw invalid(`Wrong input: Not existing vector name error: ${unknown}`);
  return options.value.names.length > 0;
}

/** The value a point was ordered by. */
export type OrderValue = { readonly int: bigint } | { readonly float: number };

export interface ReplyPoint {
  readonly point: StoredPoint;
  readonly score?: number;
  readonly order?: OrderValue;
}

/** Field numbers of the two messages that show a point. */
const RETRIEVED = { payload: 2, vectors: 4, order: 6 };
const SCORED = { score: 3, vectors: 6 };

/** The field of points in the reply: 1 in Get, Search and Query, 2 in Scroll; `time` is the next one. */
type ResultField = 1 | 2;

/**
 * Encodes a reply with points. Payloads and vectors are spliced from what is stored, never decoded for it.
 * Throws RESOURCE_EXHAUSTED when the reply grows above `maxBytes`.
 */
export class PointsReply {
  readonly #writer = new BinaryWriter();
  #bytes = 0;

  constructor(
    private readonly field: ResultField,
    private readonly selection: Selection,
    private readonly maxBytes: number,
  ) {}

  add({ point, score, order }: ReplyPoint): void {
    const writer = new BinaryWriter();
    writeId(writer, 1, point.id);
    this.#writePayload(writer, point);
    if (score !== undefined) writer.tag(SCORED.score, WireType.Bit32).float(score);
    if (this.selection.vectors) {
      writer.tag(score === undefined ? RETRIEVED.vectors : SCORED.vectors, WireType.LengthDelimited);
      writer.bytes(vectorsOutput(point.vector()));
    }
    if (order) {
      writer.tag(RETRIEVED.order, WireType.LengthDelimited).fork();
      if ('int' in order) writer.tag(1, WireType.Varint).int64(order.int);
      else writer.tag(2, WireType.Bit64).double(order.float);
      writer.join();
    }
    const bytes = writer.finish();
    this.#bytes += bytes.length + 6;
    if (this.#bytes > this.maxBytes) {
      throw replyTooLarge(this.maxBytes);
    }
    this.#writer.tag(this.field, WireType.LengthDelimited).bytes(bytes);
  }

  /** The points alone. */
  results(): Uint8Array {
    return this.#writer.finish();
  }

  finish(startedAtMs: number, nextPage?: IdKey): Uint8Array {
    if (nextPage !== undefined) writeId(this.#writer, 1, nextPage);
    return this.#writer
      .tag(this.field + 1, WireType.Bit64)
      .double(secondsSince(startedAtMs))
      .finish();
  }

  #writePayload(writer: BinaryWriter, point: StoredPoint): void {
    const { payload } = this.selection;
    if (payload === 'all') writer.raw(point.encodedPayload());
    else if (payload !== 'none') writer.raw(encodePayload(payload(point.payload())));
  }
}

export function replyTooLarge(maxBytes: number): StoreStatus {
  return new StoreStatus(
    status.RESOURCE_EXHAUSTED,
    `the reply would be larger than ${maxBytes} bytes; ask for fewer points, or without vectors`,
  );
}

/** qdrant.VectorsOutput. A point without a vector shows an empty map of named ones, as in Qdrant. */
function vectorsOutput(vector: Buffer | undefined): Uint8Array {
  const writer = new BinaryWriter();
  if (!vector) return writer.tag(2, WireType.LengthDelimited).bytes(new Uint8Array(0)).finish();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(101, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).bytes(vector);
  return writer.join().join().finish();
}
