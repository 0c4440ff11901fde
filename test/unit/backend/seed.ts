/** The seed of a property test: printed, and taken from SEED to run a failure again. */
export function seedOf(what: string): number {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.info(`seed of ${what}: SEED=${seed}`);
  return seed;
}
