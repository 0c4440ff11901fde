import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { JsonTenant } from '../support/json-tenant.js';
import { openSession, statusOf } from '../support/raw-stream.js';

// Calls whose requests never arrive whole, from callers who hope to hold what others need.
let gateway: TestGateway;
let session: ClientHttp2Session;
let tenant: JsonTenant;

beforeAll(async () => {
  gateway = await startTestGateway({
    embedded: true,
    env: {
      DEFAULT_DEADLINE_MS: '400',
      MAX_MESSAGE_BYTES: '1MiB',
      MAX_PROCESS_BYTES: '1MiB',
      MAX_STREAM_BYTES: '1MiB',
    },
  });
  session = openSession(gateway.address);
  tenant = new JsonTenant(gateway.address, '42');
  await tenant.call('CreateCollection', { collection: 'docs', vector_size: 2 });
});
afterAll(async () => {
  tenant?.close();
  session?.destroy();
  await gateway?.close();
});

function begin(path: string): ClientHttp2Stream {
  return session.request(
    {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-company-id': '7',
    },
    { endStream: false },
  );
}

/** The five bytes in front of a message that is to come. */
function announce(bytes: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes, 1);
  return prefix;
}

const upsert = '/vectorgateway.v1.PointsService/UpsertPoints';
const check = '/grpc.health.v1.Health/Check';

/** grpc-status, without waiting for the caller's own end of the stream. */
async function answerTo(stream: ClientHttp2Stream): Promise<string | undefined> {
  const status = statusOf(stream);
  await once(stream, 'end');
  stream.close();
  return status;
}

test.each([
  ['no byte of a message', upsert, Buffer.alloc(0)],
  ['the beginning of a message', upsert, announce(1000)],
  ['a message without the end of the call', upsert, Buffer.concat([announce(1), Buffer.from([0])])],
  ['no byte to a service that is open to all', check, Buffer.alloc(0)],
])(
  'a caller that sends %s, and no deadline, is answered after the default one',
  async (_what, path, bytes) => {
    const stream = begin(path);
    stream.write(bytes);
    expect(await answerTo(stream)).toBe('4');
  },
);

test('what was announced and never came is room for others again', async () => {
  const stalled = begin(upsert);
  stalled.write(announce(1_048_000));
  expect(await answerTo(stalled)).toBe('4');
  const point = { id: { num: '1' }, vector: [1, 0], payload_struct: { text: 'x'.repeat(100_000) } };
  await expect(tenant.call('UpsertPoints', { collection: 'docs', points: [point] })).resolves.toMatchObject({
    result: { status: 'UPDATE_STATUS_COMPLETED' },
  });
});

test.each([
  check,
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
])('%s, which asks for no identity, takes no large message', async (path) => {
  const stream = begin(path);
  stream.write(announce(65_537));
  expect(await answerTo(stream)).toBe('8');
});

test('a stream of reflection that asks on and on does not run out of room', async () => {
  const stream = begin('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo');
  const question = Buffer.alloc(60_000, 'x');
  // ServerReflectionRequest.host, which the answer repeats.
  const message = Buffer.concat([Buffer.from([0x0a, 0xe0, 0xd4, 0x03]), question, Buffer.from([0x3a, 0])]);
  const rounds = 40;
  let received = 0;
  stream.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  for (let round = 0; round < rounds; round += 1) {
    stream.write(Buffer.concat([announce(message.length), message]));
  }
  stream.end();
  await once(stream, 'end');
  expect(received).toBeGreaterThan(rounds * question.length);
});
