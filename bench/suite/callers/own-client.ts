import { createClient } from '../../../src/client/index.js';
import { collection, tenant } from '../ground.js';
import { ownPoint, takeIds, type VectorSource } from '../points.js';
import type { Searcher, Writer } from './types.js';

/** `vector-gateway/client`: upsertAll over a source of points, and search. */
export function ownCaller(gateway: string, vectors: VectorSource): Writer & Searcher {
  const client = createClient({ address: gateway, tenant });
  const points = client.points(collection);
  return {
    write: async (isDone, [{ points: pointsPerMessage }]) => {
      function* source() {
        let sent = 0;
        do {
          const first = takeIds(pointsPerMessage);
          for (let index = 0; index < pointsPerMessage; index++) yield ownPoint(first + index, vectors);
          sent += pointsPerMessage;
        } while (!isDone(sent));
      }
      const { upserted, rejected } = await points.upsertAll(source(), { pointsPerMessage });
      if (rejected > 0) throw new Error(`${rejected} points were rejected`);
      return upserted;
    },
    search: async (index) => (await points.search(vectors.floats(index), { limit: 10 })).length,
    close: () => client.close(),
  };
}
