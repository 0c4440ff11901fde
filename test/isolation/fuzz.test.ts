import { seedOf } from '../support/seed.js';
import { startPeerGround } from './fuzz-peer-ground.js';
import { type FuzzTally, fuzz, turnSize } from './fuzz-run.js';
import { startStoreGround } from './fuzz-store-ground.js';
import { rows } from './rows.js';
import { publicRpcs } from './rpcs.js';

// `npm run fuzz:isolation -- --calls 1000000` makes more of them.
const calls = Number(process.env.FUZZ_CALLS ?? 20_000);
// The peer sees every byte that reaches the backend, and is fast; a store has points to leak.
const onStore = wholeTurns(calls / 8);
const timeoutMs = 60_000 + calls * 20;

// Stacks are made for every call and every refusal, and take a tenth of the time.
Error.stackTraceLimit = 0;

const seed = seedOf('the isolation fuzzer');
const served = publicRpcs().filter(({ name }) => Object.hasOwn(rows, name));

test(
  'whatever a tenant sends, its calls reach its own collections only, and nothing of others comes back',
  async () => {
    const ground = await startPeerGround();
    try {
      const tally = await fuzz(ground, seed, 0, calls - onStore);
      report(tally, 'peer');
      // Else the requests would be refused too early to show anything.
      if (calls >= 20_000) {
        expect(served.filter(({ name }) => !tally.worked.has(name)).map(({ name }) => name)).toEqual([]);
      }
    } finally {
      await ground.close();
    }
  },
  timeoutMs,
);

test(
  'on a store with points, no call shows or changes what others have',
  async () => {
    const ground = await startStoreGround();
    try {
      report(await fuzz(ground, seed, wholeTurns(calls), onStore), 'store');
    } finally {
      await ground.close();
    }
  },
  timeoutMs,
);

// What others have is compared at the end of a tenant's turn.
function wholeTurns(count: number): number {
  return Math.ceil(count / turnSize) * turnSize;
}

function report({ calls: made, codes }: FuzzTally, where: string): void {
  const counts = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  console.info(`fuzzer, ${where}: ${made} calls: ${counts.join(', ')}`);
}
