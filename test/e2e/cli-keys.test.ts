import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { CliIo } from '../../src/cli/cli-io.js';
import { runCli } from '../../src/cli/index.js';
import { CollectionsServiceService } from '../../src/gen/vectorgateway/v1/collections_service.js';
import { loadKeyring } from '../../src/identity/index.js';
import { startCli } from '../support/cli-process.js';
import { asTenant, RawClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vector-gateway-keys-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One command in this process: it starts nothing. */
async function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  let [out, err] = ['', ''];
  const io: CliIo = {
    env,
    stdin: Readable.from([]),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    isErrTerminal: false,
    stdout: new PassThrough(),
    columns: () => 80,
    self: 'vector-gateway',
  };
  const code = await runCli(args, io);
  return { code, out, err };
}

const keys = (...args: string[]) => run(['keys', ...args], { API_KEYS_FILE: file });
const create = (...args: string[]) => keys('create', '--tenant', '42', '--scope', 'read,write', ...args);
const stored = () => readFileSync(file, 'utf8');

test('"keys create" prints a key alone on stdout, once; the file holds its hash and nobody else may read it', async () => {
  const { code, out, err } = await create('--name', 'search');
  expect(code).toBe(0);
  expect(out).toMatch(/^vgw_[a-z0-9]{10}_[A-Za-z0-9_-]{43}\n$/);
  const key = out.trim();
  expect(err).not.toContain(key);
  expect(stored()).not.toContain(key.split('_').slice(2).join('_'));
  expect(stored()).toContain(createHash('sha256').update(key).digest('hex'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadKeyring(stored(), file).find(key)).toMatchObject({
    name: 'search',
    tenants: new Set(['42']),
    scopes: new Set(['read', 'write']),
  });
  expect(readdirSync(folder)).toEqual(['keys.json']);
});

test('"keys list" shows what there is, and no hash; "keys revoke" ends a key by id or name', async () => {
  const own = {
    name: 'old',
    sha256: createHash('sha256').update('old').digest('hex'),
    tenants: '*',
    scopes: ['read'],
  };
  // A file of an earlier version: its entry has neither id nor times.
  writeFileSync(file, JSON.stringify({ keys: [own] }));
  const id = (await create('--name', 'search', '--expires', '90d')).out.split('_')[1] ?? '';
  await create('--tenants', '7,8', '--scopes', 'admin', '--name', 'admin');
  expect((await keys('revoke', id)).err).toBe(`key ${id} (search) is revoked\n`);
  expect((await keys('revoke', 'old')).err).toBe('key old (old) is revoked\n');
  expect((await keys('revoke', 'old')).err).toMatch(/^key old \(old\) was revoked at 2/);
  const { code, out } = await keys('list');
  expect(code).toBe(0);
  const rows = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/).slice(1, 5));
  expect(rows).toEqual([
    ['NAME', 'STATE', 'TENANTS', 'SCOPES'],
    ['old', 'revoked', '*', 'read'],
    ['search', 'revoked', '42', 'read,write'],
    ['admin', 'active', '7,8', 'admin'],
  ]);
  expect(out).not.toMatch(/[0-9a-f]{20}/);
  const lines = (await keys('list', '--json')).out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { name: 'old' },
    { id, state: 'revoked' },
    { tenants: ['7', '8'], state: 'active' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('sha256');
});

test('commands at the same time lose none of each other', async () => {
  const made = await Promise.all(Array.from({ length: 6 }, (_, at) => create('--name', `k${at}`)));
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  const keyring = loadKeyring(stored(), file);
  for (const { out } of made) expect(keyring.find(out.trim())).toBeDefined();
});

test('mode and link of the file are kept, and nothing else is left in its folder', async () => {
  const link = join(folder, 'link.json');
  writeFileSync(file, '{"keys":[]}');
  chmodSync(file, 0o640);
  symlinkSync('keys.json', link);
  const args = ['keys', 'create', '--tenant', '42', '--api-keys-file', link];
  expect((await run(args, {})).code).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(['keys.json', 'link.json']);
});

test('what is wrong is told in the words of the command line, and changes nothing', async () => {
  await create('--name', 'taken');
  const before = stored();
  const wrong: [string[], string][] = [
    [['create', '--tenant', '42', '--scope', 'reed'], '--scope[0] must be "read", "write" or "admin"'],
    [['create', '--tenant', '4_2'], '--tenant[0] must be a tenant id'],
    [['create', '--tenant', '42', '--name', 'a b'], '--name must be 1 to 64 characters'],
    [['create', '--tenant', '42', '--name', 'taken'], '--name: there is a key of this name already'],
    [['create', '--tenant', '42', '--expires', 'soon'], '--expires: got "soon", allowed: 90d, 12h'],
    [['create', '--tenant', '42', '--expires', '2020-01-01'], '--expires: the time is over already'],
    [['create', '--scope', 'read'], "required option '--tenant, --tenants <ids>'"],
  ];
  for (const [args, text] of wrong) {
    const { code, err, out } = await keys(...args);
    expect([args, code, out]).toEqual([args, 2, '']);
    expect(err).toContain(text);
  }
  const { code, err } = await keys('revoke', 'vgw_nobody');
  expect([code, err]).toEqual([1, `no key has this id or name; "keys list" shows those in ${file}\n`]);
  expect(stored()).toBe(before);
});

test('a file that cannot be used is left alone', async () => {
  writeFileSync(file, '{"keys":[');
  expect(await create()).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('is not valid JSON'),
  });
  expect(stored()).toBe('{"keys":[');
  const nowhere = await run(['keys', 'create', '--tenant', '42'], {
    API_KEYS_FILE: join(folder, 'none', 'k'),
  });
  expect([nowhere.code, nowhere.out]).toEqual([2, '']);
  expect(nowhere.err).toContain('the folder does not exist');
  const unset = await run(['keys', 'list'], {});
  expect([unset.code, unset.err]).toEqual([2, expect.stringContaining('--api-keys-file keys.json')]);
});

test('a running gateway says at its start who may call, accepts a new key, and refuses it once it is revoked', async () => {
  await create('--name', 'first');
  const env = {
    API_KEYS_FILE: file,
    PORT: '0',
    METRICS_PORT: 'off',
    DATA_DIR: join(folder, 'data'),
    LOG_FORMAT: 'json',
  };
  const gateway = startCli(['serve'], env);
  const { address = '' } = JSON.parse(
    /^.*"msg":"serving".*$/m.exec(await gateway.until(/"serving".*\n/))?.[0] ?? '{}',
  );
  expect(await gateway.until(/serving/)).toContain('"identity":["1 API keys (keys.json)"]');
  const key = (await create('--name', 'second')).out.trim();
  const client = new RawClient(address);
  const list = CollectionsServiceService.listCollections;
  const reason = async () => (await client.call(list, Buffer.alloc(0), asTenant('42', key))).error?.reason;
  await eventually('the new key is accepted', async () => (await reason()) === undefined);
  await keys('revoke', 'second');
  await eventually('it is revoked', async () => (await reason()) === 'CREDENTIAL_REVOKED');
  client.close();
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 0, out: expect.not.stringContaining(key) });
});
