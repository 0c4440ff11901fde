import { status } from '@grpc/grpc-js';
import type { RetrievedPoint } from '../../src/gen/vectorgateway/v1/points.js';
import {
  CountPointsRequest,
  CountPointsResponse,
  ScrollPointsRequest,
  ScrollPointsResponse,
} from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, type Outcome, RawClient } from './clients.js';
import { entriesBytes } from './payload-bytes.js';
import { streamMessage } from './upsert-stream-client.js';
import { lengthField, varintField } from './wire-bytes.js';

export const MARKED_SIZE = 8;
const COLLECTION = 'docs';

/** A point that tells by itself what it must hold: its vector and text follow from its id and its write. */
export interface MarkedPoint {
  readonly id: bigint;
  readonly write: bigint;
}

/** Points of one write: `count` ids from `first` on. */
export const markedPoints = (write: bigint, first: bigint, count: number): MarkedPoint[] =>
  Array.from({ length: count }, (_, at) => ({ id: first + BigInt(at), write }));

const vectorOf = ({ id, write }: MarkedPoint): number[] =>
  Array.from({ length: MARKED_SIZE }, (_, at) => Math.fround(Number(id) / 7 + Number(write) * (at + 1)));

const textOf = ({ id, write }: MarkedPoint): string => `${write}/${id}/${'é'.repeat(Number(id % 50n))}`;

function pointBytes(point: MarkedPoint): Buffer {
  const payload = new Map<string, bigint | string>([
    ['write', point.write],
    ['text', textOf(point)],
  ]);
  return Buffer.concat([
    lengthField(1, varintField(1, point.id)),
    lengthField(2, Buffer.from(Float32Array.from(vectorOf(point)).buffer)),
    entriesBytes(3, payload),
  ]);
}

const messageOf = (points: readonly MarkedPoint[]): Buffer =>
  streamMessage(points.map(pointBytes), COLLECTION);

/** What was wrong with a point that came back; undefined when it is as it was written. */
function faultOf({ id, payload, vectors }: RetrievedPoint): string | undefined {
  const marked = markOf({ id, payload });
  const text = payload.get('text')?.kind;
  const found = vectors?.vectorsOptions;
  const vector = found?.$case === 'vector' ? found.value.vector : undefined;
  const floats = vector?.$case === 'dense' ? vector.value.data : undefined;
  if (text?.value !== textOf(marked)) return `point ${marked.id} has the text ${String(text?.value)}`;
  if (String(floats) !== String(vectorOf(marked)))
    return `point ${marked.id} has the vector ${String(floats)}`;
  return undefined;
}

function markOf({ id, payload }: Pick<RetrievedPoint, 'id' | 'payload'>): MarkedPoint {
  const write = payload.get('write')?.kind;
  const number = id?.pointIdOptions;
  return {
    id: number?.$case === 'num' ? number.value : -1n,
    write: write?.$case === 'integerValue' ? write.value : -1n,
  };
}

const rpc = (name: string, requestStream = false) => ({
  path: `/vectorgateway.v1.PointsService/${name}`,
  requestStream,
  responseStream: false,
});

/** One tenant's marked points through a gateway. */
export class MarkedClient {
  readonly #raw: RawClient;

  constructor(address: string) {
    this.#raw = new RawClient(address);
  }

  upsert(points: readonly MarkedPoint[]): Promise<Outcome> {
    return this.#raw.call(rpc('UpsertPoints'), messageOf(points), asTenant('42'));
  }

  /** The points in one stream, `perMessage` at a time. */
  stream(points: readonly MarkedPoint[], perMessage: number): Promise<Outcome> {
    const messages: Buffer[] = [];
    for (let at = 0; at < points.length; at += perMessage)
      messages.push(messageOf(points.slice(at, at + perMessage)));
    return this.#raw.call(rpc('StreamUpsertPoints', true), messages, asTenant('42'));
  }

  /** Every point, by a scroll over all pages. Throws when one is not what it was written as. */
  async all(): Promise<MarkedPoint[]> {
    const found: MarkedPoint[] = [];
    let offset: ScrollPointsResponse['nextPageOffset'];
    do {
      const request = ScrollPointsRequest.encode({
        collection: COLLECTION,
        filter: undefined,
        limit: 10_000,
        offset,
        withVectors: { selectorOptions: { $case: 'enable', value: true } },
      });
      const page = ScrollPointsResponse.decode(await this.#reply('ScrollPoints', request.finish()));
      for (const point of page.points) {
        const fault = faultOf(point);
        if (fault !== undefined) throw new Error(fault);
        found.push(markOf(point));
      }
      offset = page.nextPageOffset;
    } while (offset);
    return found;
  }

  async count(): Promise<number> {
    const request = CountPointsRequest.encode({ collection: COLLECTION }).finish();
    const reply = CountPointsResponse.decode(await this.#reply('CountPoints', request));
    return Number(reply.result?.count ?? 0n);
  }

  async #reply(name: string, request: Uint8Array): Promise<Buffer> {
    const { code, message, reply } = await this.#raw.call(rpc(name), Buffer.from(request), asTenant('42'));
    if (code !== status.OK || !reply) throw new Error(`${name}: ${status[code]} ${message}`);
    return reply;
  }

  close(): void {
    this.#raw.close();
  }
}
