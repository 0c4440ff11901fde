import CircuitBreaker from 'opossum';
import { asTenant, type Clients, connectClients } from '../support/clients.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import type { Http2Peer, PeerCall } from '../support/http2-peer.js';
import { answer, type Caller, codeOf, connectCaller, startStandIn } from './stand-in.js';

// One tenant sends what fails: nothing of it may count against the node, which the others use too.
const codes = { cancelled: 1, unknown: 2, invalid: 3, deadline: 4, notFound: 5, internal: 13 };
const answered = [codes.internal, codes.unknown, codes.invalid, codes.notFound];

let node: Http2Peer;
let gateway: TestGateway;
let caller: Caller;
let clients: Clients;
let writes = 0;

beforeEach(async () => {
  // Tenant 42 only reads, and tenant 7 only writes.
  node = await startStandIn((call) => (call.method === 'Points/Upsert' ? refuse(call) : answer(call)));
  gateway = await startTestGateway({ backendAddress: node.address, env: { METRICS_PORT: '0' } });
  caller = connectCaller(gateway.address);
  clients = connectClients(gateway.address);
});
afterEach(async () => {
  caller.close();
  clients.close();
  await gateway.close();
  await node.close();
});

function refuse(call: PeerCall): void {
  writes += 1;
  const code = answered[writes % answered.length] ?? codes.internal;
  call.fail(code, `Service internal error: made up for a test of ${code}`);
}

/** One call of tenant 7, of the kinds in turn; resolves to its status. */
async function hostileCall(number: number): Promise<number> {
  const tenant = '7';
  if (number % 3 === 0) return (await caller.write({ tenant })).code;
  if (number % 3 === 1) return (await caller.write({ tenant, timeoutMs: 1 })).code;
  return new Promise((resolve) => {
    const call = clients.points.countPoints({ collection: 'docs' }, asTenant(tenant), (error) =>
      resolve(error === null ? 0 : codeOf(error)),
    );
    // At different moments: before it leaves, and when it is under way.
    setTimeout(() => call.cancel(), number % 4);
  });
}

async function thousandHostileCalls(onEach: () => Promise<void>): Promise<number[]> {
  const seen: number[] = [];
  for (let done = 0; done < 1_000; done += 20) {
    const wave = Array.from({ length: 20 }, (_, index) => hostileCall(done + index));
    seen.push(...(await Promise.all(wave)));
    await onEach();
  }
  return seen;
}

test('a thousand hostile calls of tenant 7 leave the circuit closed and tenant 42 served', async () => {
  const served: number[] = [];
  const seen = await thousandHostileCalls(async () => {
    served.push((await caller.read({ tenant: '42' })).code);
  });
  expect(seen).toHaveLength(1_000);
  // INTERNAL and UNKNOWN of the node reach callers as UNAVAILABLE: they may try again.
  expect(new Set(seen)).toEqual(new Set([1, 3, 4, 5, 14]));
  expect(served).toEqual(Array.from({ length: 50 }, () => 0));
  expect((await caller.read({ tenant: '42' })).code).toBe(0);

  const metrics = await (await fetch(`http://${gateway.metricsAddress}/metrics`)).text();
  expect(metrics).toContain('vector_gateway_breaker_state{endpoint="0",state="closed"} 1');
  expect(gateway.logLines.filter((line) => /too often/.test(line))).toEqual([]);
  // Calls that timed out made the node suspect, and its health cleared it.
  expect(node.healthChecks()).toBeGreaterThan(1);

  expect(await opensBareCircuit(seen)).toBe(true);
});

/** Whether the bare library opens its circuit at these outcomes, when only the caller's own mistakes are left out. */
async function opensBareCircuit(outcomes: readonly number[]): Promise<boolean> {
  const circuit = new CircuitBreaker(
    async (code: number) => {
      if (![0, codes.cancelled, codes.invalid, codes.notFound].includes(code)) throw new Error(String(code));
    },
    { timeout: false, volumeThreshold: 10, errorThresholdPercentage: 40 },
  );
  try {
    for (const code of outcomes) await circuit.fire(code).catch(() => undefined);
    return circuit.opened;
  } finally {
    circuit.shutdown();
  }
}
