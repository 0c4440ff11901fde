import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KeySetUrl, loadJose, publicKeys } from '../../../src/identity/index.js';
import { keySetText, makeIssuerKey } from '../../support/tokens.js';

const key = makeIssuerKey('ES256', 'first');
const good = keySetText(key);

let server: Server;
let answer: { status: number; body: string; location?: string } | undefined;
let url = '';
beforeAll(async () => {
  server = createServer((_request, response) => {
    if (answer === undefined) return;
    const { status, body, location } = answer;
    response.writeHead(status, location === undefined ? {} : { location }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function open(problems: string[] = []): Promise<KeySetUrl> {
  const jose = await loadJose();
  return KeySetUrl.open({
    url,
    refreshMs: 60_000,
    minPauseMs: 0,
    timeoutMs: 200,
    parse: (text) => publicKeys(jose, text, url),
    onReload: () => undefined,
    onProblem: (problem) => problems.push(problem),
  });
}

test.each([
  ['an error', { status: 503, body: good }, 'HTTP status 503'],
  ['a redirect', { status: 302, body: '', location: '/other' }, 'fetch failed'],
  ['no JSON', { status: 200, body: '<html>' }, 'is not valid JSON'],
  ['no set', { status: 200, body: '{}' }, 'lacks "keys"'],
  ['a secret key', { status: 200, body: '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}' }, 'keys[0] is a secret'],
  [
    'a private key',
    { status: 200, body: JSON.stringify({ keys: [key.privateKey.export({ format: 'jwk' })] }) },
    'keys[0] is a secret',
  ],
  [
    'a broken key',
    { status: 200, body: '{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}' },
    'kind EC',
  ],
  ['too much', { status: 200, body: ' '.repeat(2 * 1024 * 1024) }, 'more than 1048576 bytes'],
  ['silence', undefined, 'timeout'],
])('%s instead of a key set leaves the keys that were good', async (_name, next, problem) => {
  const problems: string[] = [];
  answer = { status: 200, body: good };
  const source = await open(problems);
  const before = [source.keys, source.revision];
  answer = next;
  expect(await source.refresh()).toBe(true);
  expect([source.keys, source.revision]).toEqual(before);
  expect(problems.join()).toContain(problem);
  expect(problems.join()).toContain(url);
  answer = { status: 200, body: keySetText(key, makeIssuerKey('ES256', 'second')) };
  await source.refresh();
  expect(source.keys?.description).toBe('2 public keys');
  expect(source.revision).toBe(2);
  source.close();
});

test('without an answer from the beginning there are no keys, and the next fetch brings them', async () => {
  answer = undefined;
  const source = await open();
  expect(source.keys).toBeUndefined();
  answer = { status: 200, body: good };
  await source.refresh();
  expect(source.keys?.description).toBe('1 public keys');
  source.close();
});
