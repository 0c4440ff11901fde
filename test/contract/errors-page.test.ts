import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, reasonCodes } from '../../src/errors/index.js';
import { projectRoot } from '../support/readme.js';

test('docs/errors.md lists every reason with its gRPC code, and nothing else', () => {
  const page = readFileSync(join(projectRoot, 'docs', 'errors.md'), 'utf8');
  const rows = [...page.matchAll(/^\| ([A-Z_]+) \| ([A-Z_]+) \| (.{10,}) \|$/gm)];
  const documented = rows.map(([, reason, code]) => `${reason} ${code}`);
  const names = new Map(Object.entries(Code).map(([name, code]) => [code, name]));
  const existing = Object.entries(reasonCodes).map(([reason, code]) => `${reason} ${names.get(code)}`);
  expect(documented).toEqual(existing);
});
