import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PeerCertificate } from 'node:tls';
import { GatewayError } from '../../../src/errors/index.js';
import { IdentityFileError, loadCertificates } from '../../../src/identity/index.js';
import { certFile } from '../../support/test-tls.js';

const legacy = (name: 'ingest' | 'forger'): PeerCertificate =>
  new X509Certificate(readFileSync(certFile(name))).toLegacyObject() as PeerCertificate;
const who = { name: 'ingest', tenants: ['7'], scopes: ['write'] };
const known = (...certificates: object[]) => loadCertificates(JSON.stringify({ certificates }), 'certs.json');

function reasonOf(certificates: object[], certificate: PeerCertificate): string {
  try {
    return known(...certificates).find(certificate).name;
  } catch (error) {
    return error instanceof GatewayError ? error.reason : String(error);
  }
}

test.each([
  ['its whole subject', { subject: { CN: 'ingest', O: 'Example', OU: 'Data' } }, 'cert:ingest'],
  ['a part of its subject', { subject: { CN: 'ingest', O: 'Example' } }, 'CREDENTIAL_INVALID'],
  [
    'more than its subject',
    { subject: { CN: 'ingest', O: 'Example', OU: 'Data', C: 'DE' } },
    'CREDENTIAL_INVALID',
  ],
  [
    'its subject in another case',
    { subject: { CN: 'Ingest', O: 'Example', OU: 'Data' } },
    'CREDENTIAL_INVALID',
  ],
  ['its URI', { uri: 'spiffe://example/ingest' }, 'cert:ingest'],
  ['the beginning of its URI', { uri: 'spiffe://example/' }, 'CREDENTIAL_INVALID'],
  ['its DNS name', { dns: 'ingest.example' }, 'cert:ingest'],
  ['its URI as a DNS name', { dns: 'spiffe://example/ingest' }, 'CREDENTIAL_INVALID'],
])('a certificate is matched by %s exactly', (_name, by, expected) => {
  expect(reasonOf([{ ...who, ...by }], legacy('ingest'))).toBe(expected);
});

test('a name inside another name is none', () => {
  const forger = legacy('forger');
  expect(forger.subjectaltname).toContain('spiffe://example/ingest');
  const entry = { ...who, uri: 'spiffe://example/ingest' };
  expect(reasonOf([entry], forger)).toBe('CREDENTIAL_INVALID');
  // As other versions of Node write it.
  for (const text of ['URI:"a, URI:spiffe://example/ingest, b"', 'URI:a", URI:spiffe://example/ingest, "']) {
    expect(reasonOf([entry], { ...forger, subjectaltname: text })).toBe('CREDENTIAL_INVALID');
  }
  expect(reasonOf([entry], { ...forger, subjectaltname: 'DNS:"x, y", URI:spiffe://example/ingest' })).toBe(
    'cert:ingest',
  );
});

test('a certificate that two entries match is nobody', () => {
  const entries = [
    { ...who, uri: 'spiffe://example/ingest' },
    { ...who, name: 'b', dns: 'ingest.example' },
  ];
  expect(reasonOf(entries, legacy('ingest'))).toBe('CREDENTIAL_INVALID');
});

test('a certificate whose time is over is refused also on a connection that began before', () => {
  const over = { ...legacy('ingest'), valid_to: 'Nov  1 17:41:52 2025 GMT' };
  expect(reasonOf([{ ...who, dns: 'ingest.example' }], over)).toBe('CREDENTIAL_EXPIRED');
});

test.each([
  ['no way to match', who, 'certificates[0] must have one of "subject", "uri" and "dns"'],
  ['two ways', { ...who, uri: 'a', dns: 'b' }, 'certificates[0] must have one of'],
  [
    'a subject as text',
    { ...who, subject: 'CN=ingest' },
    'certificates[0].subject must be an object such as',
  ],
  ['an empty subject', { ...who, subject: {} }, 'certificates[0].subject must have 1 to 32 attributes'],
  ['a number in the subject', { ...who, subject: { CN: 7 } }, 'certificates[0].subject.CN must be a text'],
  ['a name with a comma', { ...who, uri: 'a, URI:b' }, 'certificates[0].uri must be one name'],
  ['a misspelt field', { ...who, dns: 'a', tenant: '7' }, 'certificates[0] has an unknown field "tenant"'],
])('a file with %s is refused', (_name, entry, text) => {
  expect(() => known(entry)).toThrow(IdentityFileError);
  expect(() => known(entry)).toThrow(text);
});
