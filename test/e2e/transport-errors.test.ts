import { type ClientHttp2Session, connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { Metadata } from '@grpc/grpc-js';
import { GatewayError } from '../../src/errors/index.js';
import type { Transport } from '../../src/transport/server.js';
import { startBareTransport } from '../support/bare-transport.js';
import { readTypedError } from '../support/clients.js';

// What grpc-js answers below every interceptor, seen from a peer that speaks HTTP/2 by itself.
const count = '/vectorgateway.v1.PointsService/CountPoints';
const maxMessageBytes = 64 * 1024;

let transport: Transport;
let session: ClientHttp2Session;
let work: (request: Buffer) => Promise<Uint8Array> = async () => new Uint8Array();
let handled = 0;

beforeAll(async () => {
  const onUnary = (request: Buffer): Promise<Uint8Array> => {
    handled += 1;
    return work(request);
  };
  transport = await startBareTransport({ onUnary, maxMessageBytes, maxMetadataBytes: 4096 });
  session = connect(`http://${transport.address}`);
});

afterAll(async () => {
  session.close();
  transport.forceStop();
});

beforeEach(() => {
  handled = 0;
  work = async () => new Uint8Array();
});

interface Answer {
  readonly code: number;
  readonly message: string;
  readonly reason: string | undefined;
}

function frame(message: Uint8Array, compressed = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function call(body: Buffer, headers: Record<string, string> = {}, path = count): Promise<Answer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'x-company-id': '42',
    ...headers,
  });
  return new Promise((resolve, reject) => {
    const answer = (trailers: Record<string, unknown>): void => {
      if (trailers['grpc-status'] === undefined) return;
      const details = trailers['grpc-status-details-bin'];
      const metadata = new Metadata();
      if (typeof details === 'string')
        metadata.set('grpc-status-details-bin', Buffer.from(details, 'base64'));
      const message = decodeURIComponent(String(trailers['grpc-message'] ?? ''));
      resolve({ code: Number(trailers['grpc-status']), message, reason: readTypedError(metadata)?.reason });
    };
    stream.on('response', answer);
    stream.on('trailers', answer);
    stream.on('error', reject);
    stream.resume();
    stream.end(body);
  });
}

describe('errors that grpc-js makes itself', () => {
  it.each([
    ['a message over the limit', frame(Buffer.alloc(maxMessageBytes + 1)), {}, 8, 'MESSAGE_TOO_LARGE'],
    ['a declared length of 4 GiB', Buffer.from([0, 255, 255, 255, 255, 1]), {}, 8, 'MESSAGE_TOO_LARGE'],
    [
      'a gzip bomb',
      frame(gzipSync(Buffer.alloc(maxMessageBytes * 100)), 1),
      { 'grpc-encoding': 'gzip' },
      8,
      'MESSAGE_TOO_LARGE',
    ],
    ['broken gzip', frame(Buffer.from('not gzip'), 1), { 'grpc-encoding': 'gzip' }, 3, 'REQUEST_MALFORMED'],
    [
      'an unknown encoding',
      frame(Buffer.from('x'), 1),
      { 'grpc-encoding': 'br' },
      12,
      'COMPRESSION_UNSUPPORTED',
    ],
    ['a timeout that is none', frame(Buffer.alloc(0)), { 'grpc-timeout': 'soon' }, 3, 'FIELD_INVALID'],
    ['no message at all', Buffer.alloc(0), {}, 3, 'REQUEST_MALFORMED'],
    [
      'two messages',
      Buffer.concat([frame(Buffer.alloc(1)), frame(Buffer.alloc(1))]),
      {},
      3,
      'REQUEST_MALFORMED',
    ],
    [
      'metadata over the limit',
      frame(Buffer.alloc(0)),
      { 'x-big': 'x'.repeat(5000) },
      8,
      'METADATA_TOO_LARGE',
    ],
  ] as const)('%s has a code and a reason of its own', async (_name, body, headers, code, reason) => {
    const answer = await call(body, headers);
    expect([answer.code, answer.reason]).toEqual([code, reason]);
    expect(handled).toBe(0);
  });

  it('the deadline answers DEADLINE_EXCEEDED with a reason, and says that a write is indeterminate', async () => {
    work = () => new Promise(() => undefined);
    const answer = await call(frame(Buffer.alloc(0)), { 'grpc-timeout': '80m' });
    expect([answer.code, answer.reason]).toEqual([4, 'DEADLINE_EXCEEDED']);
    expect(answer.message).toContain('may or may not');
  });

  it.each(['/vectorgateway.v1.PointsService/Nothing', '/qdrant.Points/Search', '/unknown', '/'])(
    'a method that is not served (%s) is UNIMPLEMENTED, with a reason',
    async (path) => {
      const answer = await call(frame(Buffer.alloc(0)), {}, path);
      expect([answer.code, answer.reason, handled]).toEqual([12, 'METHOD_UNKNOWN', 0]);
    },
  );
});

describe('handlers', () => {
  it.each([
    ['throws', () => Promise.reject(new Error('secret company_42_docs'))],
    ['throws something that is no error', () => Promise.reject('secret company_42_docs')],
  ])('one that %s is INTERNAL with a bland text', async (_name, fail) => {
    work = fail;
    const answer = await call(frame(Buffer.alloc(0)));
    expect(answer).toEqual({ code: 13, message: 'internal error', reason: 'INTERNAL' });
  });

  it('their typed errors arrive with text and reason', async () => {
    work = () => Promise.reject(new GatewayError('FIELD_INVALID', 'limit: too large 😀'));
    expect(await call(frame(Buffer.alloc(0)))).toEqual({
      code: 3,
      message: 'limit: too large 😀',
      reason: 'FIELD_INVALID',
    });
  });

  it('are not reached without a tenant, and nothing of the message is read', async () => {
    const answer = await call(frame(Buffer.alloc(100)), { 'x-company-id': '' });
    expect([answer.code, answer.reason, handled]).toEqual([16, 'TENANT_ID_MISSING', 0]);
  });
});
