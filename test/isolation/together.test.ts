import { canaryOf } from '../support/capturing-peer.js';
import { asTenant, RawClient } from '../support/clients.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { cases } from './rpcs.js';
import { everythingIn } from './transcript.js';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());

// What one call leaves behind in the gateway must not show in the next one's answer: scopes, contexts, channels.
test('calls of many tenants at a time, some given up on the way, each get their own answer', async () => {
  const tenants = Array.from({ length: 12 }, (_, index) => `t${index}`);
  onlyCollection(ground.peer, ...tenants.map((tenant) => `company_${tenant}_docs`));
  const reads = cases.filter(({ sends }) => /^Points\/(Search|Query|Get|Scroll)$/.test(sends));
  const clients = [
    ground.client,
    new RawClient(ground.gateway.address),
    new RawClient(ground.gateway.address),
  ];
  const calls = Array.from({ length: 600 }, async (_, index) => {
    const tenant = tenants[index % tenants.length] ?? '';
    const rpc = reads[index % reads.length];
    if (rpc === undefined) throw new Error('no rows that read');
    const timeoutMs = index % 7 === 0 ? 1 + (index % 20) : 20_000;
    const client = clients[index % clients.length] ?? ground.client;
    const outcome = await client.call(rpc, rpc.request('docs'), asTenant(tenant), { timeoutMs });
    if (timeoutMs > 20) expect(outcome.message).toBe('OK');
    const own = canaryOf(`company_${tenant}_docs`);
    const canaries = everythingIn(outcome).match(/canary-of-company_t\d+_docs/g) ?? [];
    expect(canaries.filter((canary) => canary !== own)).toEqual([]);
    return canaries.length;
  });
  const seen = await Promise.all(calls);
  for (const client of clients.slice(1)) client.close();
  expect(seen.filter((count) => count > 0).length).toBeGreaterThan(500);
  // The backend, too, was asked for each tenant's collection as often as for the others'.
  expect(new Set(ground.peer.calls.map(({ collection }) => collection)).size).toBe(tenants.length);
}, 30_000);
