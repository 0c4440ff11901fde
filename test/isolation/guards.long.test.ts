import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Removal } from './guard-removal.js';
import { removals } from './guards.js';

const root = resolve(__dirname, '../..');
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'vector-gateway-guards-'));
  for (const name of ['src', 'test', 'proto', 'package.json', 'jest.config.cjs']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Run {
  readonly passed: number;
  readonly failed: number;
  /** The first test that failed, with its suite. */
  readonly red: string;
}

// The shape of jest's own report.
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Tests passed and failed in the copy. */
function runSuites(suites: readonly string[]): Run {
  const report = join(copy, 'report.json');
  const jest = join(root, 'node_modules', '.bin', 'jest');
  const { TEST_LONG: _notHere, QDRANT_URL: _norHere, ...env } = process.env;
  // A gateway without a guard may leave calls open: jest shall not wait for them.
  const options = ['--json', `--outputFile=${report}`, '--forceExit', '--runTestsByPath'];
  // The fuzzer finds within so many calls what it finds.
  const fewer = { ...env, FUZZ_CALLS: '5000' };
  spawnSync(jest, [...options, ...suites], { cwd: copy, env: fewer, stdio: 'ignore', timeout: 240_000 });
  const result: Report = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  const failures = result.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => `${relative(join(copy, 'test'), name).replace('.test.ts', '')}: ${fullName}`),
  );
  return { passed: result.numPassedTests, failed: result.numFailedTests, red: failures[0] ?? '' };
}

/** A line of the table of docs/isolation.md. */
function rowOf({ guard, file, from, to }: Removal, red: string): string {
  const code = (text: string): string =>
    `\`\` ${cut(text.replace(/\s+/g, ' ').trim(), 60)} \`\``.replaceAll('|', '\\|');
  const how = to === '' ? `${code(from)} gone` : `${code(from)} → ${code(to)}`;
  return `| ${guard} | ${file.replace('src/', '')}: ${how} | ${cut(red, 120).replaceAll('|', '\\|')} |`;
}

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/\s+\S*$/, '')} …`;

// Printed for docs/isolation.md.
const table: string[] = [];
afterAll(() => {
  process.stdout.write(
    `| Guard | Taken out of, and how | Test that turned red |\n|---|---|---|\n${table.join('\n')}\n`,
  );
});

test('with every guard in place the suites pass in a copy of the sources', () => {
  const suites = [...new Set(removals.flatMap((each) => each.suites))];
  const { passed, failed } = runSuites(suites);
  expect(failed).toBe(0);
  expect(passed).toBeGreaterThan(1000);
}, 250_000);

// Some tests must still pass: a copy that does not even load would prove nothing.
test.each(removals)(
  'taking out "$guard" makes a test fail',
  ({ guard, file, from, to, suites }) => {
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    expect(source).toContain(from);
    writeFileSync(path, source.replace(from, to));
    try {
      const { passed, failed, red } = runSuites(suites);
      table.push(rowOf({ guard, file, from, to, suites }, red));
      expect(failed).toBeGreaterThan(0);
      expect(passed).toBeGreaterThan(0);
    } finally {
      writeFileSync(path, source);
    }
  },
  250_000,
);
