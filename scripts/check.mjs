// `npm run check`: what a reviewer should not have to look for. Runs every step, then says which failed.
// Needs no network: the tools come from node_modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tool = (name) => join('node_modules', '.bin', name);
const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0;

/** One hash over names and contents of what is generated. */
function fingerprint(folder) {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'));
  for (const name of names.sort()) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

/** Generating elsewhere must give the same; it works without git, in a tarball too. */
function hasNoDrift() {
  const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-check-'));
  try {
    if (!run(process.execPath, ['scripts/generate.mjs', '--into', folder])) return false;
    if (fingerprint(join(folder, 'src', 'gen')) === fingerprint(join('src', 'gen'))) return true;
    console.error('src/gen does not agree with proto/: npm run generate, and commit it');
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const steps = [
  ['buf lint', () => run(tool('buf'), ['lint'])],
  ['buf format', () => run(tool('buf'), ['format', '--diff', '--exit-code'])],
  ['generated code', hasNoDrift],
  ['tsc', () => run(tool('tsc'), ['-p', 'tsconfig.json'])],
  ['biome', () => run(tool('biome'), ['check', '--error-on-warnings'])],
];

const failed = steps.filter(([name, step]) => {
  console.log(`— ${name}`);
  return !step();
});
const names = failed.map(([name]) => name).join(', ');
console.log(failed.length === 0 ? 'all checks passed' : `failed: ${names}`);
process.exitCode = failed.length === 0 ? 0 : 1;
