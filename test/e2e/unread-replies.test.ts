import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { ScrollPointsRequest } from '../../src/gen/vectorgateway/v1/points_service.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { JsonTenant } from '../support/json-tenant.js';
import { framed, openSession } from '../support/raw-stream.js';

// Callers that ask for large replies and do not read them.
let gateway: TestGateway;
let session: ClientHttp2Session;
let tenant: JsonTenant;

beforeAll(async () => {
  gateway = await startTestGateway({
    embedded: true,
    env: {
      DEFAULT_DEADLINE_MS: '1500',
      MAX_PROCESS_BYTES: '4MiB',
      MAX_MESSAGE_BYTES: '4MiB',
      MAX_STREAM_BYTES: '4MiB',
      METRICS_PORT: '0',
    },
  });
  session = openSession(gateway.address);
  tenant = new JsonTenant(gateway.address, '42');
  await tenant.call('CreateCollection', { collection: 'docs', vector_size: 2 });
  const points = Array.from({ length: 15 }, (_, num) => ({
    id: { num },
    vector: [1, 0],
    payload_struct: { text: 'x'.repeat(200_000) },
  }));
  await tenant.call('UpsertPoints', { collection: 'docs', points });
});
afterAll(async () => {
  tenant?.close();
  session?.destroy();
  await gateway?.close();
});

interface Unread {
  readonly stream: ClientHttp2Stream;
  /** grpc-status of a reply without a message; undefined when a message follows. */
  readonly status: Promise<string | undefined>;
  readonly closed: Promise<number>;
}

/** Asks for all points, 3 MB, and reads nothing but the headers. */
function askAndPause(): Unread {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/vectorgateway.v1.PointsService/ScrollPoints',
    'content-type': 'application/grpc',
    te: 'trailers',
    'x-company-id': '42',
  });
  stream.end(framed(Buffer.from(ScrollPointsRequest.encode(request).finish())));
  stream.on('error', () => undefined);
  stream.pause();
  const status = new Promise<string | undefined>((resolve) => {
    stream.on('response', (headers) => resolve(headers['grpc-status'] as string | undefined));
  });
  const closed = new Promise<number>((resolve) => {
    stream.on('close', () => resolve(stream.rstCode));
  });
  return { stream, status, closed };
}

const request = ScrollPointsRequest.fromPartial({ collection: 'docs', limit: 15 });

async function bytesInFlight(): Promise<number> {
  const text = await (await fetch(`http://${gateway.metricsAddress}/metrics`)).text();
  return Number(/^vector_gateway_bytes_in_flight (\S+)$/m.exec(text)?.[1]);
}

test('replies that nobody reads take room up to the bound and for a time, and then it is there for others', async () => {
  const first = askAndPause();
  expect(await first.status).toBeUndefined();
  const second = askAndPause();
  // The first fills the room: 4 MiB hold one reply of 3 MB.
  expect(await second.status).toBe('8');
  expect(await bytesInFlight()).toBeGreaterThan(2_900_000);
  expect(await bytesInFlight()).toBeLessThan(4_300_000);
  second.stream.resume();
  // CANCEL, after the time that a caller has to read.
  expect(await first.closed).toBe(8);
  expect(await bytesInFlight()).toBe(0);
  const reply = await tenant.call('ScrollPoints', { collection: 'docs', limit: 15 });
  expect((reply as { points: unknown[] }).points).toHaveLength(15);
});
