import { join } from 'node:path';
import { ConfigError, readConfig } from '../../../src/config/index.js';

function problemsOf(env: Readonly<Record<string, string>>): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ variable }) => variable);
    throw error;
  }
}

test('one port for both servers is refused, and two on two addresses are not', () => {
  expect(problemsOf({ PORT: '9464' })).toEqual(['METRICS_PORT']);
  expect(problemsOf({ METRICS_PORT: '50051' })).toEqual(['METRICS_PORT']);
  expect(problemsOf({ METRICS_PORT: '50051', METRICS_HOST: '127.0.0.2' })).toEqual([]);
  expect(problemsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([]);
});

test.each([
  'connection',
  'transfer-encoding',
  'cookie',
  'x-request-id',
  'authorization',
  'grpc-tenant',
  'x-tenant-bin',
])('the tenant cannot travel in "%s", which means something else', (name) => {
  expect(problemsOf({ TENANT_HEADER: name })).toEqual(['TENANT_HEADER']);
});

test.each(['x-org', 'x-cookie', 'tenant', 'x_y', 'te-nant'])('the tenant can travel in "%s"', (name) => {
  expect(problemsOf({ TENANT_HEADER: name })).toEqual([]);
});

const file = join(__dirname, '../../support/tls/localhost.crt');
const tls = { TLS_CERT_FILE: file, TLS_KEY_FILE: file.replace('.crt', '.key') };
const token = { JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' };

test.each<[string, Record<string, string>, string[]]>([
  ['a key set alone', { JWT_JWKS_FILE: file }, ['JWT_ISSUER', 'JWT_AUDIENCE']],
  ['a secret without an audience', { JWT_SECRET_FILE: file, JWT_ISSUER: 'i' }, ['JWT_AUDIENCE']],
  ['an audience without keys', { JWT_AUDIENCE: 'a' }, ['JWT_AUDIENCE']],
  ['a set and a secret', { ...token, JWT_JWKS_FILE: file, JWT_SECRET_FILE: file }, ['JWT_SECRET_FILE']],
  ['a set by http', { ...token, JWT_JWKS_URL: 'http://issuer.example/keys' }, ['JWT_JWKS_URL']],
  ['a set with a password', { ...token, JWT_JWKS_URL: 'https://u:p@issuer.example/keys' }, ['JWT_JWKS_URL']],
  ['a set in a file URL', { ...token, JWT_JWKS_URL: 'file:///etc/keys' }, ['JWT_JWKS_URL']],
  ['a set by https', { ...token, JWT_JWKS_URL: 'https://issuer.example/keys' }, []],
  ['a set on this machine', { ...token, JWT_JWKS_URL: 'http://127.0.0.1:8080/keys' }, []],
  ['certificates without an authority', { ...tls, CLIENT_CERTS_FILE: file }, ['CLIENT_CERTS_FILE']],
  ['an authority without TLS', { TLS_CLIENT_CA_FILE: file }, ['TLS_CLIENT_CA_FILE']],
  ['certificates', { ...tls, TLS_CLIENT_CA_FILE: file, CLIENT_CERTS_FILE: file }, []],
  [
    'tokens for Qdrant without its key',
    { QDRANT_URL: 'http://127.0.0.1', QDRANT_JWT_RBAC: 'on' },
    ['QDRANT_JWT_RBAC'],
  ],
])('settings of identity that do not fit together are refused by name: %s', (_name, env, expected) => {
  expect(problemsOf(env)).toEqual(expected);
});

test.each([
  ['keys', { API_KEYS_FILE: file }, []],
  ['tokens', { ...token, JWT_SECRET_FILE: file }, []],
  ['certificates', { ...tls, TLS_CLIENT_CA_FILE: file, CLIENT_CERTS_FILE: file }, []],
  ['an authority that nobody is known by', { ...tls, TLS_CLIENT_CA_FILE: file }, ['HOST']],
  ['nothing', {}, ['HOST']],
])('beyond this machine callers must prove who they are: %s', (_name, env, expected) => {
  expect(problemsOf({ HOST: '0.0.0.0', QDRANT_URL: 'http://127.0.0.1', ...env })).toEqual(expected);
});

test('a URL with a password is not shown', () => {
  const env = { ...token, JWT_JWKS_URL: 'http://user:hush@issuer.example/keys' };
  expect(() => readConfig(env)).toThrow(/\*\*\*@issuer/);
  expect(() => readConfig(env)).not.toThrow(/hush/);
});
