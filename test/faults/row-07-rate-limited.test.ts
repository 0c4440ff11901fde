import { connectTestBackend, contextOf, errorOf, nameOf, noBody } from '../support/backend.js';
import { startTestGateway } from '../support/gateway.js';
import { answer, bareCode, connectCaller, pointCalls, startStandIn } from './stand-in.js';

// Row 7: the node says that it is asked too much, and when to come back.
const resourceExhausted = 8;
const limited = (seconds: string) =>
  startStandIn((call) => call.fail(resourceExhausted, 'Rate limiter exceeded', { 'retry-after': seconds }));

test('the call is not tried again before its time, and the circuit stays closed', async () => {
  const node = await limited('30');
  const backend = connectTestBackend({ addresses: [node.address], breaker: { minCalls: 5 } });
  try {
    for (let call = 0; call < 20; call += 1) {
      const error = await errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(60_000)));
      expect([error.code, error.reason, error.retryDelayMs]).toEqual([8, 'RATE_LIMITED', 30_000]);
    }
    expect(node.calls).toHaveLength(20);
    expect(backend.changes).toEqual([]);
  } finally {
    await backend.close();
    await node.close();
  }
});

test('a wait as short as our own is kept, and then the call is tried again', async () => {
  let answers = 0;
  const node = await startStandIn((call) => {
    answers += 1;
    if (answers === 1) call.fail(resourceExhausted, 'Rate limiter exceeded', { 'retry-after': '1' });
    else answer(call);
  });
  const backend = connectTestBackend({ addresses: [node.address], retry: { maxDelayMs: 2_000 } });
  try {
    await backend.call('Points/Upsert', nameOf('docs'), noBody, contextOf());
    const [first, second] = node.calls.map(({ arrivedAtMs }) => arrivedAtMs);
    // A timer may be a millisecond early.
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(998);
  } finally {
    await backend.close();
    await node.close();
  }
});

test('a call whose deadline is sooner is told at once', async () => {
  const node = await limited('1');
  const backend = connectTestBackend({ addresses: [node.address], retry: { maxDelayMs: 2_000 } });
  try {
    const error = await errorOf(backend.call('Points/Get', nameOf('docs'), noBody, contextOf(900)));
    expect([error.code, error.retryDelayMs]).toEqual([8, 1_000]);
    expect(node.calls).toHaveLength(1);
  } finally {
    await backend.close();
    await node.close();
  }
});

test('a caller of the gateway hears RESOURCE_EXHAUSTED, with the time in RetryInfo and in retry-after', async () => {
  const node = await limited('30');
  const gateway = await startTestGateway({ backendAddress: node.address });
  const caller = connectCaller(gateway.address);
  try {
    for (const call of [caller.read, caller.write]) {
      const { code, error, trailers } = await call();
      expect([code, error?.reason, error?.retryDelayMs]).toEqual([8, 'RATE_LIMITED', 30_000]);
      expect(trailers.get('retry-after')).toEqual(['30']);
    }
    expect(pointCalls(node)).toHaveLength(2);
  } finally {
    caller.close();
    await gateway.close();
    await node.close();
  }
});

test('the bare client of Qdrant makes UNKNOWN of it', async () => {
  const node = await limited('30');
  try {
    expect(await bareCode(node.address)).toBe(2);
  } finally {
    // In good order, with GOAWAY, an idle connection can crash that client's process.
    node.cut('rst');
    await node.close();
  }
});
