import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { flagOf, settings, variables } from '../../src/config/index.js';
import { runCli } from '../support/cli-process.js';

// The address of no server: what is tested here ends before anything is connected.
const nowhere = { QDRANT_URL: 'http://127.0.0.1:9', METRICS_PORT: 'off', PORT: '0' };

test('help lists every setting with its flag, its variable and its default', async () => {
  const { code, out } = await runCli(['--help']);
  const flat = out.replace(/\s+/g, ' ');
  expect(code).toBe(0);
  const missing = variables.filter((variable) => {
    const { defaultText, isSwitch } = settings[variable];
    const flag = flagOf(variable);
    const named = flag === undefined ? flat.includes(variable) : flat.includes(`${flag} `);
    const standard =
      defaultText === undefined || isSwitch || flat.includes(`(${variable}, default ${defaultText})`);
    return !named || !flat.includes(variable) || !standard;
  });
  expect(missing).toEqual([]);
});

test.each([
  ['PORT', 'eighty', '0 to 65535'],
  ['BATCH_BYTES', '1TB', '16KiB to 31MiB'],
  ['LOG_LEVEL', 'loud', 'debug, info'],
  ['QDRANT_URL', 'ftp://example', 'http://host:6334'],
])(
  '%s=%s ends the start with code 2, the name, the value and what is allowed',
  async (name, value, allowed) => {
    const { code, err, out } = await runCli(['serve'], { [name]: value });
    expect(code).toBe(2);
    expect(err).toContain(name);
    expect(err).toContain(value);
    expect(err).toContain(allowed);
    expect(out).toBe('');
  },
);

test('a misspelt QDRANT_ variable is refused', async () => {
  const { code, err } = await runCli(['serve'], { ...nowhere, QDRANT_APIKEY: 'secret-of-mine' });
  expect(code).toBe(2);
  expect(err).toContain('QDRANT_APIKEY');
  expect(err).not.toContain('secret-of-mine');
});

test('the REST port of Qdrant gets a hint', async () => {
  const { code, err } = await runCli(['serve'], { QDRANT_URL: 'http://127.0.0.1:6333' });
  expect(code).toBe(2);
  expect(err).toMatch(/REST.*6334/);
});

test('an unknown flag or command is a usage error', async () => {
  expect((await runCli(['--colour', 'red'])).code).toBe(2);
  expect((await runCli(['swim'])).code).toBe(2);
});

test('"config check" prints what is in force, and no secret', async () => {
  const { code, out, err } = await runCli(['config', 'check', '--port', '6000'], {
    ...nowhere,
    QDRANT_API_KEY: 'hush-hush-hush',
  });
  expect(code).toBe(0);
  expect(out).toMatch(/^PORT="6000" .*--port/m);
  expect(out).toMatch(/^HOST=127\.0\.0\.1$/m);
  expect(out + err).not.toContain('hush');
});

test('without keys an address off loopback is refused, and the text says what to do', async () => {
  const { code, err } = await runCli(['serve'], { ...nowhere, HOST: '0.0.0.0' });
  expect(code).toBe(2);
  expect(err).toContain('API_KEYS_FILE');
  expect(err).toContain('--insecure-no-auth');
});

test('"--insecure-no-auth" lets it start, with a warning', async () => {
  const { code, err } = await runCli(['config', 'check', '--host', '0.0.0.0', '--insecure-no-auth'], nowhere);
  expect(code).toBe(0);
  expect(err).toMatch(/warning: .*(auth|key|tenant)/i);
});

test('"keys hash" prints an entry that holds the hash and not the key', async () => {
  const key = 'k'.repeat(40);
  const args = ['keys', 'hash', '--name', 'ingest', '--tenants', '42,7', '--scopes', 'read,write'];
  const { code, out } = await runCli(args, {}, `${key}\n`);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    name: 'ingest',
    sha256: createHash('sha256').update(key).digest('hex'),
    tenants: ['42', '7'],
    scopes: ['read', 'write'],
  });
  expect(out).not.toContain(key);
});

test('"keys hash" refuses a scope that does not exist', async () => {
  const { code } = await runCli(
    ['keys', 'hash', '--name', 'x', '--tenants', '42', '--scopes', 'fly'],
    {},
    'k'.repeat(40),
  );
  expect(code).toBe(2);
});

test('"health" of an address without a gateway fails with one line', async () => {
  const { code, err } = await runCli(['health', '--address', '127.0.0.1:9', '--timeout-ms', '300']);
  expect(code).toBe(1);
  expect(err.trim().split('\n')).toEqual(['127.0.0.1:9: no gateway answers']);
});

test('a port that is taken ends the start with one line that names it', async () => {
  const taken = createServer();
  const port = await new Promise<number>((found) => {
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address();
      found(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const { code, err } = await runCli(['serve'], { ...nowhere, PORT: String(port) });
  taken.close();
  expect(code).toBe(1);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(err).toContain(`cannot listen on 127.0.0.1:${port}: the port is in use`);
});
