import { type FuzzTally, turnSize } from './fuzz-run.js';

// `npm run fuzz:isolation -- --calls 1000000` makes more of them.
const calls = Number(process.env.FUZZ_CALLS ?? 20_000);

// The peer sees every byte that reaches the backend, and is fast; a store has points to leak.
const onStore = wholeTurns(calls / 8);

/** How many calls go where, and the number of the first one on the store. */
export const share = { onPeer: calls - onStore, onStore, firstOnStore: wholeTurns(calls) } as const;

export const timeoutMs = 60_000 + calls * 20;

// What others have is compared at the end of a tenant's turn.
function wholeTurns(count: number): number {
  return Math.ceil(count / turnSize) * turnSize;
}

/** Stacks are made for every call and every refusal, and take a tenth of the time. */
export function withoutStacks(): void {
  Error.stackTraceLimit = 0;
}

export function report({ calls: made, codes }: FuzzTally, where: string): void {
  const counts = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  console.info(`fuzzer, ${where}: ${made} calls: ${counts.join(', ')}`);
}
