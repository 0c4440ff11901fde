import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

// What the package gives to others: run from the root, its name leads to its own "exports".
const root = resolve(__dirname, '../..');
const run = promisify(execFile);

let gateway: TestGateway;

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/client/index.js')))
    throw new Error('dist/client is missing: npm run build');
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

test('the quickstart stores, finds and deletes', async () => {
  // A code other than 0 rejects.
  const args = ['examples/client/quickstart.mjs', gateway.address, '42'];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: root });
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual([
    'received 1000, stored 1000, rejected 0',
    expect.stringMatching(/^1\.0000 {2}\d+ {2}Article \d+$/),
    expect.stringMatching(/^\d\.\d{4} {2}\d+ {2}Article \d+$/),
    expect.stringMatching(/^\d\.\d{4} {2}\d+ {2}Article \d+$/),
    'VECTOR_DIMENSION_MISMATCH: vector',
    '',
  ]);
});

test('require() finds the client too, and nothing else of the package', async () => {
  const script = `
    console.log(typeof require('vector-gateway/client').createClient);
    try { require('vector-gateway/dist/main.js'); } catch (error) { console.log(error.code); }`;
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: root });
  expect(stdout).toBe('function\nERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

test('a TypeScript caller gets the types', async () => {
  mkdirSync(join(root, 'build'), { recursive: true });
  const folder = mkdtempSync(join(root, 'build', 'client-types-'));
  writeFileSync(join(folder, 'caller.mts'), callerSource);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const args = [join(root, 'node_modules/.bin/tsc'), '--ignoreConfig', ...options, 'caller.mts'];
  const { stdout } = await run(process.execPath, args, { cwd: folder }).catch((error) => error);
  rmSync(folder, { recursive: true, force: true });
  expect(stdout).toBe('');
}, 60_000);

const callerSource = `
import { createClient, filters, type FoundPoint, type UpsertAllResult } from 'vector-gateway/client';

const client = createClient({ address: 'gateway:50051', tenant: '42', tls: true });
const points = client.points('docs');
const vector = new Float32Array(4);
await points.upsert([{ id: 1, vector, payload: { a: [1, 2n, null, { b: 'c' }] } }]);
const found: FoundPoint[] = await points.search(vector, { filter: { must: [filters.match('a', 1)] } });
export const ids: (bigint | string)[] = found.map(({ id }) => id);
export const floats: Float32Array | undefined = found[0]?.vector;
export const result: UpsertAllResult = await points.upsertAll([{ id: 'a', vector: [1, 2] }], {
  onRejected: ({ index }) => index.toFixed(),
});
// @ts-expect-error A payload is JSON.
await points.upsert([{ id: 1, vector, payload: { a: new Date() } }]);
// @ts-expect-error A selection is ids or a filter.
await points.delete({});
// @ts-expect-error There is no such distance.
await client.collections.create('docs', { distance: 'dott' });
// @ts-expect-error Every client acts for a tenant.
createClient({ address: 'gateway:50051' });
`;
