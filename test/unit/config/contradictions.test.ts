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
