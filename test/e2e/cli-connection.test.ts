import { runCli } from '../support/cli-process.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { certFile, keyFile } from '../support/test-tls.js';

const key = 'correct-horse-battery-staple';
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    keys: [{ key, name: 'one', tenants: ['42'], scopes: ['read'] }],
    env: {
      TLS_CERT_FILE: certFile('localhost'),
      TLS_KEY_FILE: keyFile('localhost'),
      TENANT_HEADER: 'x-shop',
    },
  });
});
afterAll(() => gateway.close());

/** Lists collections over TLS, by the name that is in the certificate. */
function list(env: Record<string, string>, ...flags: readonly string[]) {
  const address = gateway.address.replace('127.0.0.1', 'localhost');
  const all = ['--address', address, '--ca', certFile('localhost'), '--tenant-header', 'x-shop', ...flags];
  return runCli(['collections', 'list', ...all], env);
}

test('key by environment, TLS, tenant header: a call that has all of them is answered', async () => {
  expect(await list({ VECTOR_GATEWAY_API_KEY: key, VECTOR_GATEWAY_TENANT: '42' })).toMatchObject({
    code: 0,
    err: '',
  });
});

test.each([
  ['no key', {}, ['--tenant', '42'], /CREDENTIAL_MISSING.*put an API key into VECTOR_GATEWAY_API_KEY/],
  [
    'a wrong key',
    { VECTOR_GATEWAY_API_KEY: 'x'.repeat(30) },
    ['--tenant', '42'],
    /CREDENTIAL_INVALID.*VECTOR_GATEWAY_API_KEY/,
  ],
  ['a tenant of others', { VECTOR_GATEWAY_API_KEY: key }, ['--tenant', '7'], /TENANT_FORBIDDEN.*--tenant/],
  [
    'another header',
    { VECTOR_GATEWAY_API_KEY: key },
    ['--tenant', '42', '--tenant-header', 'x-other'],
    /TENANT_ID_MISSING.*--tenant-header/,
  ],
])('%s ends with code 1 and one line that says what to do', async (_what, env, flags, message) => {
  const { code, err } = await list(env, ...flags);
  expect(code).toBe(1);
  expect(err).toMatch(message);
  expect(err.trim().split('\n')).toHaveLength(1);
});

test('a tenant is needed, and the variable is named', async () => {
  expect(await list({ VECTOR_GATEWAY_API_KEY: key })).toMatchObject({
    code: 2,
    err: expect.stringContaining('VECTOR_GATEWAY_TENANT'),
  });
});

test('without --ca the certificate is not trusted, and the flag is named', async () => {
  const address = gateway.address.replace('127.0.0.1', 'localhost');
  const { code, err } = await runCli([
    'collections',
    'list',
    '--tenant',
    '42',
    '--tls',
    '--address',
    address,
  ]);
  expect(code).toBe(1);
  expect(err).toContain('--ca');
});
