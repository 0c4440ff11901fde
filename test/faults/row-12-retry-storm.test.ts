import { breakerOff, connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { type Http2Peer, startHttp2Peer } from '../support/http2-peer.js';

// Row 12: the node answers UNAVAILABLE to everything, and every call would like to be tried again.
let node: Http2Peer;
beforeEach(async () => {
  node = await startHttp2Peer({ onCall: (call) => call.fail(14, 'overloaded') });
});
afterEach(() => node.close());

const calls = 500;

/** All calls at once, or one after the other; resolves to the attempts that the node saw. */
async function storm(budgetPercent: number, inWaves: number): Promise<number> {
  const backend = connectTestBackend({
    addresses: [node.address],
    breaker: breakerOff,
    retry: { maxAttempts: 10, baseDelayMs: 5, maxDelayMs: 20, budgetPercent },
  });
  try {
    for (let done = 0; done < calls; done += calls / inWaves) {
      const wave = Array.from({ length: calls / inWaves }, () =>
        errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(20_000))),
      );
      for (const error of await Promise.all(wave)) expect(error.code).toBe(14);
    }
    return node.calls.length;
  } finally {
    await backend.close();
  }
}

test.each([1, 50])(
  'in %d waves, the node sees at most a fifth more than the calls, and three',
  async (waves) => {
    const attempts = await storm(20, waves);
    expect(attempts).toBeLessThanOrEqual(1.2 * calls + 3);
    // The budget is there to be used.
    expect(attempts).toBeGreaterThan(1.1 * calls);
  },
);

test('with the guard off, the node sees many times the calls', async () => {
  // A budget of all calls is the widest that there is: retries double the load.
  expect(await storm(100, 1)).toBeGreaterThan(1.9 * calls);
});

test('retries are spread out: they do not arrive in one breath', async () => {
  const backend = connectTestBackend({
    addresses: [node.address],
    breaker: breakerOff,
    retry: { maxAttempts: 2, baseDelayMs: 300, maxDelayMs: 300, budgetPercent: 100 },
  });
  try {
    const wave = Array.from({ length: 100 }, () =>
      errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf())),
    );
    await Promise.all(wave);
    const retries = node.calls.slice(100).map(({ arrivedAtMs }) => arrivedAtMs);
    expect(retries).toHaveLength(100);
    // Full jitter over 300 ms: 100 draws fall within 100 ms of each other about never.
    expect(Math.max(...retries) - Math.min(...retries)).toBeGreaterThan(100);
  } finally {
    await backend.close();
  }
});
