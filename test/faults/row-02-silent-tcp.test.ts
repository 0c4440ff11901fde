import { Client, credentials } from '@grpc/grpc-js';
import { connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { eventually } from '../support/eventually.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { expectAtDeadline } from './stand-in.js';

// Row 2, one layer below: the node takes TCP connections, and HTTP/2 never begins.
let node: FaultProxy;
beforeEach(async () => {
  node = await startFaultProxy('127.0.0.1:1');
  node.mode = 'stall';
});
afterEach(() => node.close());

test('calls end at their deadline, and open the circuit although none waits for long', async () => {
  const backend = connectTestBackend({
    addresses: [node.address],
    breaker: { minCalls: 9, openMs: 60_000 },
  });
  try {
    await expectAtDeadline(300, (timeoutMs) =>
      errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(timeoutMs))),
    );
    await eventually('the circuit opens', () => backend.changes.includes('open'));
  } finally {
    await backend.close();
  }
});

test('calls with more time end as unavailable when no connection is ready in its own time', async () => {
  const backend = connectTestBackend({
    addresses: [node.address],
    pool: { connectTimeoutMs: 100 },
    retry: { maxAttempts: 1 },
  });
  try {
    const error = await errorOf(backend.call('Points/Upsert', nameOf('docs'), noBody, contextOf()));
    expect([error.reason, error.indeterminate]).toEqual(['BACKEND_UNAVAILABLE', false]);
  } finally {
    await backend.close();
  }
});

test('probes leave no sockets behind', async () => {
  const backend = connectTestBackend({
    addresses: [node.address],
    pool: { connectTimeoutMs: 100 },
    breaker: { minCalls: 2, openMs: 50, probeTimeoutMs: 50 },
  });
  try {
    const call = () => errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf()));
    await Promise.all([call(), call()]);
    const probes = () => backend.changes.filter((state) => state === 'half_open').length;
    await eventually('ten probes', () => probes() >= 10);
    expect(node.accepts()).toBeGreaterThanOrEqual(10);
    await eventually('only the probe of now has a socket', () => node.open() <= 1);
  } finally {
    await backend.close();
    await eventually('no socket is open', () => node.open() === 0);
  }
});

test('with the guard off, a closed channel leaves its socket behind', async () => {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const client = new Client(node.address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    client.getChannel().getConnectivityState(true);
    await eventually('it connects', () => node.accepts() === attempt);
    client.close();
  }
  expect(node.open()).toBe(10);
});
