import type { ServiceError } from '@grpc/grpc-js';
import { Status } from '../gen/google/rpc/status.js';
import { StreamSearchPointsRequest } from '../gen/vectorgateway/v1/points_service.js';
import { fromServiceError, fromStatus, type VectorGatewayError } from './client-error.js';
import type { BytesDuplex } from './connection.js';
import { decodeFound, eachIn, type FoundPoint } from './point-codec.js';
import type { QueryInput, QueryOptions } from './query.js';
import { anyQueryRequest, type BatchSearch } from './query-requests.js';
import { searchRequest } from './requests.js';

/** A search, or a query. Other properties are the caller's: the answer has the same object. */
export type StreamedSearch = BatchSearch | (QueryOptions & { readonly query: QueryInput });

/** What became of one search. */
export type SearchAnswer<Search> =
  | { readonly search: Search; readonly points: FoundPoint[]; readonly error?: undefined }
  | { readonly search: Search; readonly points?: undefined; readonly error: VectorGatewayError };

type Source<Search> = Iterable<Search> | AsyncIterable<Search>;

/** Sends searches as the source has them, and yields answers as they come. Leaving the loop cancels the call. */
export async function* searchStream<Search extends StreamedSearch>(
  open: () => BytesDuplex,
  collection: string,
  source: Source<Search>,
  signal: AbortSignal | undefined,
): AsyncGenerator<SearchAnswer<Search>, void, undefined> {
  signal?.throwIfAborted();
  const call = open();
  const stream = new Sender<Search>(call, collection);
  // After the loop nobody else listens, and the end by cancel() is an error too.
  call.on('error', () => stream.stop());
  const onAbort = (): void => call.cancel();
  signal?.addEventListener('abort', onAbort, { once: true });
  // It waits for its source, which may have nothing more to say: nobody waits for it.
  void stream.sendAll(source);
  try {
    for await (const reply of call) {
      const answer = stream.answer(reply);
      if (answer !== undefined) yield answer;
    }
    signal?.throwIfAborted();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    // A source that failed has ended the call: its error is the one to tell.
    if (stream.failure !== undefined) throw stream.failure.error;
    throw isServiceError(error) ? fromServiceError(error) : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stream.stop();
    call.cancel();
  }
}

/** The searches of one stream that have no answer yet. */
class Sender<Search extends StreamedSearch> {
  readonly #call: BytesDuplex;
  readonly #collection: string;
  readonly #open = new Map<string, Search>();
  #sent = 0;
  #isStopped = false;
  #wake: () => void = () => undefined;
  failure: { readonly error: unknown } | undefined;

  constructor(call: BytesDuplex, collection: string) {
    this.#call = call;
    this.#collection = collection;
    call.on('drain', () => this.#wake());
  }

  /** Never rejects: a failing source ends the call. */
  async sendAll(source: Source<Search>): Promise<void> {
    try {
      for await (const search of source) {
        while (!this.#isStopped && (this.#open.size >= mostOpen || this.#call.writableNeedDrain)) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#isStopped) return;
        this.#send(search);
      }
      this.#call.end();
    } catch (error) {
      this.failure = { error };
      this.#call.cancel();
    }
  }

  answer(reply: Buffer): SearchAnswer<Search> | undefined {
    // By the fields alone: the generated stub would make objects of all points.
    const [id = noBytes] = eachIn(reply, 2);
    const [status] = eachIn(reply, 3);
    const key = Buffer.from(id).toString();
    const search = this.#open.get(key);
    if (search === undefined) return undefined;
    this.#open.delete(key);
    this.#wake();
    if (status !== undefined) return { search, error: fromStatus(Status.decode(status)) };
    return { search, points: decodeFound(reply) };
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  #send(search: Search): void {
    const id = String(this.#sent++);
    this.#open.set(id, search);
    const writer = StreamSearchPointsRequest.encode({ id });
    if ('query' in search)
      writer.uint32(queryTag).bytes(anyQueryRequest(this.#collection, search.query, search));
    else writer.uint32(searchTag).bytes(searchRequest(this.#collection, search.vector, search));
    this.#call.write(writer.finish());
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}

// As many as the gateway has under way on a stream.
const mostOpen = 32;
const [searchTag, queryTag] = [18, 26];
const noBytes = new Uint8Array(0);
