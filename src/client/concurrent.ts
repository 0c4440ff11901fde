/**
 * The results of `run` for each item, in the order of the items, at most `limit` at a time. The first failure, or the
 * signal, cancels the others.
 */
export async function mapConcurrently<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  run: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result[]> {
  const stopped = new AbortController();
  const either = signal === undefined ? stopped.signal : AbortSignal.any([stopped.signal, signal]);
  const results: Result[] = [];
  const queue = [...items].entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      either.throwIfAborted();
      results[index] = await run(item, either);
    }
  };
  try {
    await Promise.all(Array.from({ length: limit }, work));
    return results;
  } catch (error) {
    stopped.abort(error);
    throw error;
  }
}
