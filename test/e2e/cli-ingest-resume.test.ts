import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../../src/client/index.js';
import { environmentOf, linesOf } from '../support/cli-data.js';
import { type CliProcess, startCli } from '../support/cli-process.js';
import { eventually } from '../support/eventually.js';
import { serveAgain } from '../support/ingest-kill.js';
import { seededRandom } from '../support/seed.js';

const maxRunMs = 60_000;
let folder: string;
let gateway: Awaited<ReturnType<typeof serveAgain>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vector-gateway-resume-'));
  gateway = await serveAgain(join(folder, 'data'));
});
afterEach(async () => {
  gateway.child.kill('SIGKILL');
  await gateway.ended;
  rmSync(folder, { recursive: true, force: true });
});

// One row in 97 is refused before it is sent, one in 101 by the gateway.
const isNoJson = (row: number): boolean => row % 97 === 0;
const hasOtherDimension = (row: number): boolean => row % 101 === 0;
const isBad = (row: number): boolean => isNoJson(row) || hasOtherDimension(row);

function writeRows(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const row = index + 1;
    if (isNoJson(row)) return `row ${row}`;
    return `{"id":${row},"vector":[${hasOtherDimension(row) ? 1 : `1,2,3,${row}`}]}`;
  });
  const file = join(folder, 'rows.jsonl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const ingest = (file: string, ...flags: readonly string[]): CliProcess =>
  startCli(
    ['ingest', file, '-c', 'rows', '--create', '--json', ...flags],
    environmentOf(gateway.address),
    maxRunMs,
  );

/** Rows that the checkpoint counts as settled; 0 without one. */
function settledRows(file: string): number {
  const path = `${file}.checkpoint.json`;
  if (!existsSync(path)) return 0;
  const { rows }: { rows: number } = JSON.parse(readFileSync(path, 'utf8'));
  return rows;
}

async function expectEveryRowOnce(file: string, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  const rejected = linesOf(readFileSync(`${file}.rejected.jsonl`, 'utf8')).map(({ row }) => row);
  expect(rejected).toEqual(all.filter(isBad));
  const client = createClient({ address: gateway.address, tenant: '42' });
  const ids: number[] = [];
  for await (const { id } of client.points('rows').scroll({ pageSize: 10_000, withPayload: false }))
    ids.push(Number(id));
  client.close();
  expect(ids).toEqual(all.filter((row) => !isBad(row)));
}

test('killed with -9 again and again, --resume comes to the end with every row stored or listed once', async () => {
  const count = 16_000;
  const file = writeRows(count);
  const random = seededRandom('the kills of the command');
  let kills = 0;
  for (let isDone = false; !isDone; ) {
    const before = settledRows(file);
    const run = ingest(file, ...(kills > 0 ? ['--resume'] : []));
    let isOver = false;
    void run.ended.then(() => {
      isOver = true;
    });
    if (kills < 4) {
      await eventually('rows are settled', () => isOver || settledRows(file) > before, maxRunMs);
      await new Promise((resolve) => setTimeout(resolve, random() * 200));
      run.child.kill('SIGKILL');
      kills += 1;
    }
    const { code, err } = await run.ended;
    isDone = code !== null;
    if (isDone) expect({ code, err }).toMatchObject({ code: 3 });
  }
  expect(kills).toBeGreaterThan(0);
  await expectEveryRowOnce(file, count);
  expect(existsSync(`${file}.checkpoint.json`)).toBe(false);
}, 60_000);

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s ends it with code %i, all that was on its way settled, and the command that goes on',
  async (signal, exitCode) => {
    const count = 16_000;
    const file = writeRows(count);
    const run = ingest(file);
    await eventually('rows are settled', () => settledRows(file) > 0, maxRunMs);
    run.child.kill(signal);
    const { code, out, err } = await run.ended;
    expect(code).toBe(exitCode);
    expect(err).toMatch(
      /to go on from there:\n {2}.*ingest .*rows\.jsonl -c rows --create --json --resume\n$/,
    );
    const { rows } = JSON.parse(out);
    expect(rows).toBe(settledRows(file));
    expect(rows).toBeLessThan(count);
    const resumed = await ingest(file, '--resume').ended;
    expect(resumed.code).toBe(3);
    expect(JSON.parse(resumed.out)).toMatchObject({ rows: count, resumedAfter: rows });
    await expectEveryRowOnce(file, count);
  },
  60_000,
);

test('a gateway that is killed and started again is waited for', async () => {
  const count = 16_000;
  const file = writeRows(count);
  const run = ingest(file);
  await eventually('rows are settled', () => settledRows(file) > 0, maxRunMs);
  gateway.child.kill('SIGKILL');
  await gateway.ended;
  gateway = await serveAgain(join(folder, 'data'), gateway.address.split(':')[1]);
  const { code, out, err } = await run.ended;
  expect(code).toBe(3);
  expect(err).toContain('the connection to the gateway was lost; trying again');
  expect(JSON.parse(out).reconnects).toBeGreaterThan(0);
  await expectEveryRowOnce(file, count);
}, 60_000);

test('--resume refuses another collection, another file, and what is not an unfinished run', async () => {
  const file = writeRows(16_000);
  const run = ingest(file);
  await eventually('rows are settled', () => settledRows(file) > 0, maxRunMs);
  run.child.kill('SIGKILL');
  await run.ended;
  const refused = async (...flags: readonly string[]): Promise<string> => {
    const { code, err } = await startCli(['ingest', file, ...flags], environmentOf(gateway.address)).ended;
    expect(code).toBe(2);
    return err;
  };
  expect(await refused('-c', 'rows')).toContain('add --resume to go on');
  expect(await refused('-c', 'others', '--resume')).toContain('had collection rows, now it is others');
  expect(await refused('-c', 'rows', '--resume', '--tenant', '7')).toContain('had tenant 42, now it is 7');
  writeFileSync(file, readFileSync(file, 'utf8').replace('row 97', 'row 98'));
  expect(await refused('-c', 'rows', '--resume')).toContain('has changed since the unfinished run');
}, 60_000);
