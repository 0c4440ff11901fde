import { seedOf } from '../support/seed.js';
import { startPeerGround } from './fuzz-peer-ground.js';
import { fuzz } from './fuzz-run.js';
import { report, share, timeoutMs, withoutStacks } from './fuzz-settings.js';
import { rows } from './rows.js';
import { publicRpcs } from './rpcs.js';

withoutStacks();

const served = publicRpcs().filter(({ name }) => Object.hasOwn(rows, name));

test(
  'whatever a tenant sends, its calls reach its own collections only, and nothing of others comes back',
  async () => {
    const seed = seedOf('the isolation fuzzer');
    const ground = await startPeerGround();
    try {
      const tally = await fuzz(ground, seed, 0, share.onPeer);
      report(tally, 'peer');
      // Else the requests would be refused too early to show anything. Fewer calls may miss one by chance.
      const idle = served.filter(({ name }) => !tally.worked.has(name)).map(({ name }) => name);
      if (tally.calls > 15_000) expect(idle).toEqual([]);
    } finally {
      await ground.close();
    }
  },
  timeoutMs,
);
