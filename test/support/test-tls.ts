import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';

export type CertificateName = 'localhost' | 'elsewhere' | 'client' | 'callers-ca' | 'ingest' | 'forger';

export const certFile = (name: CertificateName): string => join(__dirname, 'tls', `${name}.crt`);
export const keyFile = (name: CertificateName): string => join(__dirname, 'tls', `${name}.key`);

/** A server that shows this certificate; with `clients`, it talks only to whoever shows that one. */
export function serverTls(name: CertificateName, clients?: CertificateName): ServerCredentials {
  const pair = { cert_chain: readFileSync(certFile(name)), private_key: readFileSync(keyFile(name)) };
  return clients === undefined
    ? ServerCredentials.createSsl(null, [pair])
    : ServerCredentials.createSsl(readFileSync(certFile(clients)), [pair], true);
}
