import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedStore } from '../../src/embedded/index.js';
import { runCli } from '../support/cli-process.js';
import { type EmbeddedProcess, startEmbeddedProcess } from '../support/embedded-process.js';
import { JsonTenant } from '../support/json-tenant.js';

let folder: string;
let dataDir: string;
const running: EmbeddedProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-folder-'));
  dataDir = join(folder, 'data');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.kill()));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(dir: string, env: Readonly<Record<string, string>> = {}): Promise<EmbeddedProcess> {
  const gateway = await startEmbeddedProcess(dir, { env });
  running.push(gateway);
  return gateway;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A start that must not succeed: code 1, nothing on stdout, one line on stderr, which is returned. */
async function refusal(dir: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, out, err } = await runCli(['serve'], {
    DATA_DIR: dir,
    PORT: '0',
    METRICS_PORT: 'off',
    ...env,
  });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  return err;
}

async function expectServing({ address }: EmbeddedProcess): Promise<void> {
  const tenant = new JsonTenant(address, '42');
  await tenant.call('ListCollections', {});
  tenant.close();
}

test('a second gateway on the folder is refused, and the first one goes on', async () => {
  const first = await serve(dataDir);
  expect(await refusal(dataDir)).toContain(`data folder ${dataDir} is in use by another process`);
  // By another way to the same folder, too.
  expect(await refusal(join(dataDir, '..', 'data'))).toContain('is in use by another process');
  await expectServing(first);
  expect(await first.stop()).toBe(0);
  expect(readdirSync(dataDir).sort()).toEqual(['store.mdb', 'store.mdb-lock']);
  await expectServing(await serve(dataDir));
});

test('a path too long for a socket works, and is locked too, whatever the folder for temporary files', async () => {
  const long = join(dataDir, 'd'.repeat(100), 'é'.repeat(100));
  const temporary = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    return { TMPDIR: join(folder, name) };
  };
  const first = await serve(long, temporary('tmp1'));
  await expectServing(first);
  expect(await refusal(long, temporary('tmp1'))).toContain('is in use by another process');
  expect(await refusal(long, temporary('tmp2'))).toContain('is in use by another process');
  await first.kill();
  const second = await serve(long, temporary('tmp2'));
  await expectServing(second);
  expect(await second.stop()).toBe(0);
  expect(readdirSync(join(folder, 'tmp2'))).toEqual([]);
  expect(readdirSync(long).sort()).toEqual(['store.mdb', 'store.mdb-lock']);
});

test('a folder that is open to others is closed before there is a socket in it', async () => {
  const modes: string[] = [];
  const listen = jest.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args) {
    modes.push(modeOf(dataDir));
    listen.mockRestore();
    return this.listen(...args);
  });
  mkdirSync(dataDir, { mode: 0o755 });
  chmodSync(dataDir, 0o755);
  const store = await startEmbeddedStore({ dataDir });
  expect(modes).toEqual(['700']);
  expect(existsSync(join(dataDir, 'store.sock'))).toBe(true);
  await store.close();
});

test.each([['755'], ['700']])(
  'a folder (mode %s) with files of others is refused and left as it is',
  async (mode) => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'thesis.txt'), 'dear');
    chmodSync(dataDir, Number.parseInt(mode, 8));
    expect(await refusal(dataDir)).toContain(`data folder ${dataDir} holds files of others (thesis.txt)`);
    expect(modeOf(dataDir)).toBe(mode);
    expect(readdirSync(dataDir)).toEqual(['thesis.txt']);
  },
);

test.each<[string, (file: string) => void]>([
  ['that is something else', (file) => writeFileSync(file, 'x'.repeat(100_000))],
  ['of zeros', (file) => writeFileSync(file, Buffer.alloc(65_536))],
  ['that was cut in the middle', (file) => truncateSync(file, 3 * 4096 + 100)],
  ['whose first page is gone', (file) => writeFileSync(file, readFileSync(file).fill(0, 0, 4096))],
])('a store file %s is refused in one line, and not changed', async (_, damage) => {
  const store = await startEmbeddedStore({ dataDir });
  await store.close();
  const file = join(dataDir, 'store.mdb');
  damage(file);
  const before = readFileSync(file);
  expect(await refusal(dataDir)).toMatch(/the store in \S+ cannot be opened: store\.mdb is damaged/);
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a folder that cannot be, or not be written, is refused in one line', async () => {
  writeFileSync(dataDir, 'a file');
  expect(await refusal(dataDir)).toContain(`data folder ${dataDir} cannot be used`);
  expect(await refusal(join(dataDir, 'below'))).toContain('cannot be used');
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o500 });
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) expect(await refusal(closed)).toContain(`data folder ${closed} cannot be used`);
});

/** A lock as a process that was killed leaves it: a socket that nobody listens on. */
async function leaveDeadLock(dir: string): Promise<void> {
  mkdirSync(dir, { mode: 0o700 });
  const own = join(dir, 'own');
  const server = createServer();
  await new Promise<void>((done) => server.listen(own, done));
  linkSync(own, join(dir, 'lock.sock'));
  await new Promise((done) => server.close(done));
}

test.each(Array.from({ length: 10 }, (_, at) => [at % 2 === 0 ? 'new folder' : 'dead lock', at]))(
  'of gateways that race for a folder exactly one wins (%s, %i)',
  async (kind) => {
    if (kind === 'dead lock') await leaveDeadLock(dataDir);
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => startEmbeddedStore({ dataDir })),
    );
    const codes = results.map((result) =>
      result.status === 'fulfilled' ? 'won' : (result.reason as { code?: string }).code,
    );
    expect(codes.sort()).toEqual(['DATA_DIR_LOCKED', 'DATA_DIR_LOCKED', 'DATA_DIR_LOCKED', 'won']);
    for (const result of results) if (result.status === 'fulfilled') await result.value.close();
    expect(readdirSync(dataDir).sort()).toEqual(['store.mdb', 'store.mdb-lock']);
  },
);
