import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../..');
const run = promisify(execFile);

interface Report {
  readonly machine: { readonly cores: number; readonly node: string };
  readonly options: { readonly rounds: number };
  readonly sections: readonly {
    readonly name: string;
    readonly results: readonly {
      readonly row: string;
      readonly callers: number;
      readonly rounds: readonly unknown[];
      readonly medians: Readonly<Record<string, number>>;
    }[];
  }[];
  readonly targets: readonly { readonly text: string; readonly figure: number; readonly met: boolean }[];
}

let out: string;
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'vector-gateway-bench-test-'));
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

test('a quick bench measures every section, and writes its figures and a plot', async () => {
  const args = ['run', '--silent', 'bench', '--', '--quick', '--out', out];
  const { stdout } = await run('npm', args, { cwd: root });
  const report: Report = JSON.parse(readFileSync(join(out, 'bench.json'), 'utf8'));
  const names = ['ingest', 'search', 'pool', 'grid', 'distance', 'memory'];
  expect(report.sections.map(({ name }) => name)).toEqual(names);
  for (const { results } of report.sections) {
    expect(results.length).toBeGreaterThan(0);
    for (const { rounds, medians } of results) {
      expect(rounds).toHaveLength(report.options.rounds);
      expect(Object.values(medians).length).toBeGreaterThan(0);
      expect(Object.values(medians).filter((value) => !(Number.isFinite(value) && value > 0))).toEqual([]);
    }
  }
  expect(report.sections.flatMap(({ results }) => results.map(({ row }) => row))).toEqual(
    expect.arrayContaining([
      'unary',
      'stream',
      'ingest',
      'upsertAll',
      'client',
      '4 channels',
      '256 × 4',
      'default',
    ]),
  );
  for (const { figure } of report.targets) expect(Number.isFinite(figure) && figure > 0).toBe(true);
  if (process.env.QDRANT_URL === undefined) expect(stdout).toContain('judged on a real Qdrant only');
  else expect(report.targets.length).toBeGreaterThan(10);
  expect(stdout).toContain(report.machine.node);
  expect(readFileSync(join(out, 'bench.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
}, 180_000);
