import { seedOf } from '../support/seed.js';
import { fuzz } from './fuzz-run.js';
import { report, share, timeoutMs, withoutStacks } from './fuzz-settings.js';
import { startStoreGround } from './fuzz-store-ground.js';

withoutStacks();

test(
  'on a store with points, no call shows or changes what others have',
  async () => {
    const seed = seedOf('the isolation fuzzer on a store');
    const ground = await startStoreGround();
    try {
      report(await fuzz(ground, seed, share.firstOnStore, share.onStore), 'store');
    } finally {
      await ground.close();
    }
  },
  timeoutMs,
);
