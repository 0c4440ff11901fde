/**
 * The ids of the batches in flight. Two writes of one id at a time reach the backend in any order, and the older
 * version may stay; so a batch that repeats an id waits.
 */
export class IdGuard {
  readonly #inFlight = new Set<string>();

  blocks(keys: Iterable<string>): boolean {
    for (const key of keys) if (this.#inFlight.has(key)) return true;
    return false;
  }

  enter(keys: Iterable<string>): void {
    for (const key of keys) this.#inFlight.add(key);
  }

  leave(keys: Iterable<string>): void {
    for (const key of keys) this.#inFlight.delete(key);
  }
}
