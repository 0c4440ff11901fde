import { readFile } from 'node:fs/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import type { TlsConfig } from '../config/index.js';

/** What the gateway shows to callers, and what it asks of them. */
export async function openCredentials(tls: TlsConfig | undefined): Promise<ServerCredentials> {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { clientCaFile, requiresClientCert } = tls;
  const [certificate, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
  const pair = { cert_chain: certificate, private_key: key };
  if (clientCaFile === undefined) return ServerCredentials.createSsl(null, [pair]);
  const strict = ServerCredentials.createSsl(await readFile(clientCaFile), [pair], true);
  return requiresClientCert ? strict : new OptionalClientCredentials(strict);
}

/**
 * The same, but that a caller need not show a certificate. One that no trusted authority signed counts as none: grpc-js
 * hands out those of authorized connections only.
 */
class OptionalClientCredentials extends ServerCredentials {
  constructor(strict: ServerCredentials) {
    const options = { ...strict._getConstructorOptions(), rejectUnauthorized: false };
    super(options, strict._getSecureContextOptions() ?? undefined);
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}
