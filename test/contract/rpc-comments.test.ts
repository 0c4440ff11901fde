import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Code } from '../../src/errors/index.js';

const folder = resolve(__dirname, '../../proto/vectorgateway/v1');
const statuses = new RegExp(`\\b(?:${Object.keys(Code).join('|')})\\b|No statuses beside`);

/** Each RPC of the public API with the comment in front of it, and each service with its own. */
const rpcs = readdirSync(folder).flatMap((file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  return [...text.matchAll(/((?:^ *\/\/.*\n)+) *(?:rpc|service) (\w+)/gm)].map(
    ([, comment = '', name = '']) => [name, comment] as const,
  );
});

test('there are RPCs to look at', () => {
  expect(rpcs.length).toBeGreaterThan(20);
});

test.each(rpcs)('the comment of %s names the statuses it returns', (_name, comment) => {
  expect(statuses.test(comment)).toBe(true);
});
