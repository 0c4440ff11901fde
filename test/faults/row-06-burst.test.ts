import { QdrantClient } from '@qdrant/js-client-grpc';
import { connectTestBackend, contextOf, nameOf, noBody, type TestBackend } from '../support/backend.js';
import { type Http2Peer, startHttp2Peer } from '../support/http2-peer.js';
import { codeOf } from './stand-in.js';

// Row 6: a thousand calls at once, before anything is connected, at a node that takes 100 streams a connection.
const limit = 100;

let node: Http2Peer;
beforeEach(async () => {
  // Answers take a moment, so that calls are really there at a time.
  node = await startHttp2Peer({
    maxConcurrentStreams: limit,
    onCall: (call) => setTimeout(() => call.reply(), 5),
  });
});
afterEach(() => node.close());

/** How many calls ended with each code. */
async function burst(calls: number, call: () => Promise<unknown>): Promise<Record<number, number>> {
  const outcomes = await Promise.allSettled(Array.from({ length: calls }, call));
  const codes: Record<number, number> = {};
  for (const outcome of outcomes) {
    const code = outcome.status === 'fulfilled' ? 0 : codeOf(outcome.reason);
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return codes;
}

const readOf = (backend: TestBackend) => () =>
  backend.call('Points/Get', nameOf('docs'), noBody, contextOf(20_000));

test('all are served, and no connection ever has more streams than it may', async () => {
  const backend = connectTestBackend({ addresses: [node.address], pool: { maxInFlight: limit } });
  try {
    expect(await burst(1_000, readOf(backend))).toEqual({ 0: 1_000 });
    expect(node.peakStreams()).toBeLessThanOrEqual(limit);
    expect(node.connections()).toBe(2);
  } finally {
    await backend.close();
  }
});

test('with a short queue, those who find no place are refused as overloaded, and nobody fails otherwise', async () => {
  const backend = connectTestBackend({
    addresses: [node.address],
    pool: { maxInFlight: limit, maxQueue: 300 },
  });
  try {
    // Nothing is connected yet: all who are served wait.
    expect(await burst(1_000, readOf(backend))).toEqual({ 0: 300, 8: 700 });
    // Afterwards there is room again.
    await readOf(backend)();
  } finally {
    await backend.close();
  }
});

test('at a node that takes fewer streams than HTTP/2 lets a client expect, all are served too', async () => {
  const small = await startSmall();
  const backend = connectTestBackend({ addresses: [small.address], pool: { maxInFlight: fewStreams } });
  try {
    expect(await burst(100, readOf(backend))).toEqual({ 0: 100 });
    expect(small.peakStreams()).toBeLessThanOrEqual(fewStreams);
  } finally {
    await backend.close();
    await small.close();
  }
});

test('there the bare client of Qdrant fails for most of them', async () => {
  const small = await startSmall();
  try {
    const [host = '', port = ''] = small.address.split(':');
    const client = new QdrantClient({ host, port: Number(port), checkCompatibility: false });
    const codes = await burst(100, () => client.api('points').count({ collectionName: 'docs' }));
    expect(codes[13] ?? 0).toBeGreaterThan(50);
  } finally {
    // In good order, with GOAWAY, an idle connection can crash that client's process.
    small.cut('rst');
    await small.close();
  }
});

const fewStreams = 10;
const startSmall = () =>
  startHttp2Peer({ maxConcurrentStreams: fewStreams, onCall: (call) => setTimeout(() => call.reply(), 5) });
