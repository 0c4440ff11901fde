import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';

/** A message with the five bytes in front that gRPC wants. */
export function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** StreamUpsertPoints on a bare HTTP/2 stream, for ends that no gRPC client would make. */
export function openRawStream(session: ClientHttp2Session, tenant = '42'): ClientHttp2Stream {
  return session.request(
    {
      ':method': 'POST',
      ':path': '/vectorgateway.v1.PointsService/StreamUpsertPoints',
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-company-id': tenant,
    },
    { endStream: false },
  );
}

/** grpc-status of the stream, or undefined when it ended without one. */
export function statusOf(stream: ClientHttp2Stream): Promise<string | undefined> {
  return new Promise((resolve) => {
    let status: string | undefined;
    const read = (headers: Record<string, unknown>): void => {
      if (headers['grpc-status'] !== undefined) status = String(headers['grpc-status']);
    };
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('error', () => undefined);
    stream.on('close', () => resolve(status));
    stream.resume();
  });
}

export function openSession(address: string): ClientHttp2Session {
  const session = connect(`http://${address}`);
  session.on('error', () => undefined);
  return session;
}
