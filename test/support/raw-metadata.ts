import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { Metadata } from '@grpc/grpc-js';
import { readTypedError, type TypedError } from './clients.js';

export interface RawOutcome {
  readonly code: number;
  readonly message: string;
  readonly error: TypedError | undefined;
}

/**
 * One gRPC call whose request headers are these bytes exactly: names twice, values that are not ASCII. No client
 * library sends such headers, so Node's HTTP/2 client sends its own and the block is exchanged on the way out.
 */
export function callWithRawHeaders(
  address: string,
  path: string,
  metadata: readonly (readonly [string, Buffer | string])[],
  message: Buffer,
): Promise<RawOutcome> {
  const block = encodeHeaders([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', address],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...metadata,
  ]);
  const session = connectHttp2(`http://${address}`, {
    createConnection: () => exchangeHeaders(address, block),
  });
  return new Promise<RawOutcome>((resolve, reject) => {
    session.on('error', reject);
    const request = session.request({ ':method': 'POST', ':path': path });
    let received: IncomingHttpHeaders = {};
    request.on('error', reject);
    request.on('response', (headers) => {
      received = { ...received, ...headers };
    });
    request.on('trailers', (headers) => {
      received = { ...received, ...headers };
    });
    request.on('end', () => resolve(outcomeOf(received)));
    request.resume();
    request.setTimeout(10_000, () => reject(new Error('no answer')));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    request.end(Buffer.concat([prefix, message]));
  }).finally(() => session.destroy());
}

function outcomeOf(headers: IncomingHttpHeaders): RawOutcome {
  const trailers = new Metadata();
  const details = headers['grpc-status-details-bin'];
  if (typeof details === 'string') trailers.set('grpc-status-details-bin', Buffer.from(details, 'base64'));
  return {
    code: Number(headers['grpc-status']),
    message: decodeURIComponent(String(headers['grpc-message'] ?? '')),
    error: readTypedError(trailers),
  };
}

/** A connection that puts `block` in place of the first HEADERS frame that is written to it. */
function exchangeHeaders(address: string, block: Buffer): Duplex {
  const [host, port] = address.split(':');
  const socket = connectTcp(Number(port), host);
  let pending = Buffer.alloc(0);
  let toSkip = prefaceBytes;
  let exchanged = false;
  const rewrite = (chunk: Buffer): Buffer => {
    pending = Buffer.concat([pending, chunk]);
    const out: Buffer[] = [];
    for (;;) {
      const length =
        toSkip > 0 ? toSkip : pending.length < 9 ? Number.POSITIVE_INFINITY : 9 + pending.readUIntBE(0, 3);
      if (pending.length < length) return Buffer.concat(out);
      const frame = pending.subarray(0, length);
      pending = pending.subarray(length);
      const isHeaders = toSkip === 0 && frame[3] === headersFrame && !exchanged;
      exchanged ||= isHeaders;
      toSkip = 0;
      out.push(isHeaders ? headersFrameOf(block, frame.readUInt32BE(5)) : frame);
    }
  };
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(rewrite(chunk), () => done());
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (data) => duplex.push(data));
  socket.on('end', () => duplex.push(null));
  socket.on('error', (error) => duplex.destroy(error));
  return duplex;
}

const prefaceBytes = 24;
const headersFrame = 1;
const endHeaders = 4;

function headersFrameOf(block: Buffer, streamId: number): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(block.length, 0, 3);
  head[3] = headersFrame;
  head[4] = endHeaders;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, block]);
}

// HPACK, RFC 7541 6.2.2: literal fields without indexing, names and values as they are (no Huffman code).
function encodeHeaders(headers: readonly (readonly [string, Buffer | string])[]): Buffer {
  return Buffer.concat(
    headers.flatMap(([name, value]) => [
      Buffer.from([0]),
      hpackString(Buffer.from(name)),
      hpackString(Buffer.from(value)),
    ]),
  );
}

function hpackString(bytes: Buffer): Buffer {
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
