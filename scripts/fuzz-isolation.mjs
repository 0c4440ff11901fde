// `npm run fuzz:isolation`: the isolation fuzzer of the tests with more calls, on the embedded store or QDRANT_URL.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const usage = `usage: npm run fuzz:isolation -- [--calls N] [--seed N]

Several tenants make random and hostile calls over every RPC; no answer may show what another tenant has, and no call
may change it. Seven of eight calls go to a peer that notes every byte that reaches it, the others to a store with
points: the embedded one, or the Qdrant at QDRANT_URL.

  --calls N  how many calls, 1000 to 100000000 (default 100000); 1000 take about 1 s, and 5 s on the store
  --seed N   the seed that a run printed, to run it again; with the same --calls, each call is the same (default: the time)
  --help     this text`;

function fail(text) {
  console.error(`fuzz:isolation: ${text}\n\n${usage}`);
  process.exit(2);
}

function wholeNumber(name, text, min, max) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    fail(`--${name}: got "${text}", allowed: a whole number from ${min} to ${max}`);
  }
  return value;
}

function readArguments() {
  try {
    const options = { calls: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } };
    return parseArgs({ options }).values;
  } catch (error) {
    return fail(error.message);
  }
}

const { calls = '100000', seed, help } = readArguments();
if (help) {
  console.log(usage);
  process.exit(0);
}
const env = { ...process.env, FUZZ_CALLS: String(wholeNumber('calls', calls, 1_000, 100_000_000)) };
if (seed !== undefined) env.SEED = String(wholeNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER));
delete env.TEST_LONG;
const jest = join('node_modules', 'jest', 'bin', 'jest.js');
const { status } = spawnSync(process.execPath, [jest, '--runInBand', 'test/isolation/fuzz'], {
  env,
  stdio: 'inherit',
});
process.exit(status ?? 1);
