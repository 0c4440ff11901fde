/** The seed of a random test: printed, and taken from SEED to run a failure again. */
export function seedOf(what: string): number {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.info(`seed of ${what}: SEED=${seed}`);
  return seed;
}

/** Random numbers from 0 to 1 by a seed that is printed. */
export function seededRandom(what: string): () => number {
  return randomOf(seedOf(what));
}

/** Random numbers from 0 to 1 by a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
