import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { PointStructSchema } from '@qdrant/js-client-grpc';
import type { PointInput } from '../../src/client/index.js';

/** What the official client takes for a point. */
export type OfficialPoint = MessageInitShape<typeof PointStructSchema>;

// Ids from here to 2^35 have five bytes on the wire, so that a message is made once and only its ids change.
const firstId = 2 ** 28;
const idBytes = 5;
/** Where the number begins in an encoded point: behind the tag and length of its id, and its own tag. */
const idOffset = 3;
// Room for a head in front of the points: collection, flags, sequence.
const headRoomBytes = 256;
const distinctVectors = 256;

let nextId = firstId;

/** Ids that no point of this run had before. */
export function takeIds(count: number): number {
  nextId += count;
  return nextId - count;
}

/** Vectors of numbers from -1 to 1, the same in every run. */
export class VectorSource {
  readonly #vectors: readonly Float32Array[];
  readonly #lists: readonly number[][];

  constructor(dimension: number) {
    const random = generator(0x5eed);
    this.#vectors = Array.from({ length: distinctVectors }, () =>
      Float32Array.from({ length: dimension }, () => random() * 2 - 1),
    );
    this.#lists = this.#vectors.map((vector) => [...vector]);
  }

  floats(index: number): Float32Array {
    return this.#vectors[index % distinctVectors] ?? new Float32Array();
  }

  list(index: number): number[] {
    return this.#lists[index % distinctVectors] ?? [];
  }
}

export function officialPoint(id: number, vectors: VectorSource): OfficialPoint {
  const dense = { case: 'dense', value: { data: vectors.list(id) } } as const;
  const { title, lang, pages, score, published } = payloadOf(id);
  return {
    id: { pointIdOptions: { case: 'num', value: BigInt(id) } },
    vectors: { vectorsOptions: { case: 'vector', value: { vector: dense } } },
    payload: {
      title: { kind: { case: 'stringValue', value: title } },
      lang: { kind: { case: 'stringValue', value: lang } },
      pages: { kind: { case: 'integerValue', value: BigInt(pages) } },
      score: { kind: { case: 'doubleValue', value: score } },
      published: { kind: { case: 'boolValue', value: published } },
    },
  };
}

export function ownPoint(id: number, vectors: VectorSource): PointInput {
  return { id, vector: vectors.floats(id), payload: payloadOf(id) };
}

function payloadOf(id: number) {
  return {
    title: `Chapter ${id % 1000} of the book on rivers and mountains`,
    lang: id % 3 === 0 ? 'de' : 'en',
    pages: 10 + (id % 500),
    score: (id % 97) / 97,
    published: id % 2 === 0,
  };
}

/** An encoded message of `points` points that is sent again and again with other ids. */
export class EncodedPoints {
  readonly points: number;
  readonly #bytes: Buffer;
  readonly #idsAt: readonly number[];

  private constructor(bytes: Buffer, idsAt: readonly number[]) {
    this.points = idsAt.length;
    this.#bytes = bytes;
    this.#idsAt = idsAt;
  }

  static make(points: number, vectors: VectorSource): EncodedPoints {
    const parts: Uint8Array[] = [Buffer.alloc(headRoomBytes)];
    const idsAt: number[] = [];
    let at = headRoomBytes;
    for (let index = 0; index < points; index++) {
      const point = toBinary(
        PointStructSchema,
        create(PointStructSchema, officialPoint(firstId + index, vectors)),
      );
      const field = new BinaryWriter()
        .uint32(3 * 8 + 2)
        .bytes(point)
        .finish();
      idsAt.push(at + field.length - point.length + idOffset);
      parts.push(field);
      at += field.length;
    }
    return new EncodedPoints(Buffer.concat(parts), idsAt);
  }

  copy(): EncodedPoints {
    return new EncodedPoints(Buffer.from(this.#bytes), this.#idsAt);
  }

  /** The message with this head and ids from `first` on. It is overwritten by the next call. */
  message(head: Uint8Array, first: number): Buffer {
    for (const [index, at] of this.#idsAt.entries()) writeVarint(this.#bytes, at, first + index);
    const from = headRoomBytes - head.length;
    this.#bytes.set(head, from);
    return this.#bytes.subarray(from);
  }
}

function writeVarint(bytes: Buffer, at: number, value: number): void {
  let rest = value;
  for (let index = 0; index < idBytes; index++) {
    const more = index < idBytes - 1 ? 0x80 : 0;
    bytes[at + index] = (rest % 128) | more;
    rest = Math.floor(rest / 128);
  }
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
