import { setTimeout as sleep } from 'node:timers/promises';
import { QdrantClient, UpdateStatus } from '@qdrant/js-client-grpc';
import { physicalName } from '../ground.js';
import { officialPoint, takeIds, type VectorSource } from '../points.js';
import type { DirectTarget } from '../targets/direct.js';
import type { Searcher, Writer } from './types.js';

/** Qdrant's own client with its defaults, or with compression off. It encodes each call, as for every user of it. */
export function officialCaller(
  { url, apiKey }: DirectTarget,
  vectors: VectorSource,
  how: { readonly compression?: boolean } = {},
): Writer & Searcher {
  const client = new QdrantClient({ url, apiKey, ...how });
  let refusals = 0;
  const write: Writer['write'] = async (isDone, [{ points: count }]) => {
    let confirmed = 0;
    do {
      const first = takeIds(count);
      const points = Array.from({ length: count }, (_, index) => officialPoint(first + index, vectors));
      const request = { collectionName: physicalName, wait: true, points };
      try {
        const { result } = await client.api('points').upsert(request);
        if (result?.status !== UpdateStatus.Completed) throw new Error('an upsert was not completed');
        confirmed += count;
      } catch (error) {
        if (!isSessionFull(error)) throw error;
        refusals += 1;
        await sleep(refusedPauseMs);
      }
    } while (!isDone(confirmed) || confirmed === 0);
    return confirmed;
  };
  const withPayload = { selectorOptions: { case: 'enable', value: true } } as const;
  return {
    write,
    refusals: () => refusals,
    search: async (index) => {
      const vector = vectors.list(index);
      const request = { collectionName: physicalName, vector, limit: 10n, withPayload };
      return (await client.api('points').search(request)).result.length;
    },
    // The client has no way to be closed; its session does not hold the process.
    close: () => undefined,
  };
}

// Node lets a connection hold 10 MB, and answers further calls itself; the client leaves that as it is.
const isSessionFull = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('NGHTTP2_ENHANCE_YOUR_CALM');

const refusedPauseMs = 10;
