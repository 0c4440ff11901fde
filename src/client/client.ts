import { Collections } from './collections.js';
import { Connection } from './connection.js';
import type { ClientOptions } from './options.js';
import { Points } from './points.js';

/** A connection to a gateway on which every call acts for one tenant. */
export interface Client {
  readonly collections: Collections;
  /** The points of a collection. Asks the gateway nothing yet. */
  points(collection: string): Points;
  /** Calls under way are finished, calls to come fail. */
  close(): void;
}

/** Connects when the first call is made. Throws TypeError or RangeError for options that cannot work. */
export function createClient(options: ClientOptions): Client {
  const connection = new Connection(options);
  return {
    collections: new Collections(connection),
    points: (collection) => new Points(connection, collection),
    close: () => connection.close(),
  };
}
