// `npm run check`: what a reviewer should not have to look for. Runs every step, then says which failed.
// Needs no network: the tools come from node_modules. `--without-drift` leaves src/gen untouched.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const tool = (name) => join('node_modules', '.bin', name);
const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0;

/** One hash over names and contents of what is generated. */
function fingerprint() {
  const hash = createHash('sha256');
  const names = readdirSync('src/gen', { recursive: true }).filter((name) => name.endsWith('.ts'));
  for (const name of names.sort()) hash.update(`${name}\0`).update(readFileSync(join('src/gen', name)));
  return hash.digest('hex');
}

/** Generating again must change nothing; it works without git, in a tarball too. */
function hasNoDrift() {
  const before = fingerprint();
  if (!run(process.execPath, ['scripts/generate.mjs'])) return false;
  if (fingerprint() === before) return true;
  console.error('src/gen did not agree with proto/: it has been generated again, commit it');
  return false;
}

const steps = [
  ['buf lint', () => run(tool('buf'), ['lint'])],
  ['buf format', () => run(tool('buf'), ['format', '--diff', '--exit-code'])],
  ['generated code', hasNoDrift],
  ['tsc', () => run(tool('tsc'), ['-p', 'tsconfig.json'])],
  ['biome', () => run(tool('biome'), ['check', '--error-on-warnings'])],
].filter(([name]) => name !== 'generated code' || !process.argv.includes('--without-drift'));

const failed = steps.filter(([name, step]) => {
  console.log(`— ${name}`);
  return !step();
});
const names = failed.map(([name]) => name).join(', ');
console.log(failed.length === 0 ? 'all checks passed' : `failed: ${names}`);
process.exitCode = failed.length === 0 ? 0 : 1;
