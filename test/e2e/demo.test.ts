import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../..');

test('the demo ingests, searches, shows a stranger nothing, and leaves nothing running', async () => {
  if (!existsSync(join(root, 'dist/main.js'))) throw new Error('dist/main.js is missing: npm run build');
  // A code other than 0 rejects.
  const { stdout } = await promisify(execFile)(process.execPath, ['examples/demo/demo.mjs'], { cwd: root });
  expect(stdout).toContain('created "packages": 256 dimensions, DISTANCE_COSINE');
  expect(stdout).toContain('received 2234, stored 2234, rejected 0');
  expect(stdout).toMatch(/only section database\n {2}0\.587 {2}groonga/);
  expect(stdout).toContain('its collections: none');
  expect(stdout).toContain('collection "packages" does not exist');
  expect(stdout).toContain('gateway stopped with exit code 0');
  expect(stdout).not.toMatch(/undefined|NaN|\[object/);
}, 60_000);
