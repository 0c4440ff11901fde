import { ownCaller } from '../callers/own-client.js';
import { EncodedPoints } from '../points.js';
import type { Bench } from './section.js';

// So few that Qdrant finds the nearest in about a millisecond without an index: what is in between shows then.
export const searchedPoints = 1_000;

/** A collection to search in. */
export async function fill(bench: Bench, gateway: string): Promise<void> {
  const { ground, options, vectors } = bench;
  await ground.renew(gateway, options.dimension);
  const message = EncodedPoints.make(searchedPoints, vectors);
  const caller = ownCaller(gateway, vectors);
  await caller.write(() => true, [message, message]);
  caller.close();
}
