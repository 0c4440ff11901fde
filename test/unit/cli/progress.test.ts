import { PassThrough } from 'node:stream';
import type { CliIo } from '../../../src/cli/cli-io.js';
import { Progress } from '../../../src/cli/ingest/progress.js';

const total = 100_000_000;
let told: string;
let counts: { rows: number; stored: number; rejected: number; reasons: Record<string, number> };
let doneBytes: number;

beforeEach(() => {
  jest.useFakeTimers();
  told = '';
  counts = { rows: 0, stored: 0, rejected: 0, reasons: {} };
  doneBytes = 0;
});
afterEach(() => {
  jest.useRealTimers();
});

function start(isErrTerminal: boolean, totalBytes?: number): Progress {
  const io: CliIo = {
    env: {},
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    out: () => undefined,
    err: (text) => {
      told += text;
    },
    isTerminal: false,
    isErrTerminal,
    columns: () => 120,
    self: 'vector-gateway',
  };
  return new Progress(io, counts, () => ({ doneBytes, totalBytes }));
}

/** Five seconds in which a quarter of the source is settled. */
function work(): void {
  for (let second = 1; second <= 5; second += 1) {
    counts.rows = 10_000 * second;
    counts.rejected = second;
    doneBytes = 5_000_000 * second;
    jest.advanceTimersByTime(1000);
  }
}

test('outside a terminal there is a line every five seconds', () => {
  const progress = start(false, total);
  jest.advanceTimersByTime(4900);
  expect(told).toBe('');
  progress.close();
  const second = start(false, total);
  work();
  expect(told).toBe('25%  50,000 rows  10,000 points/s  5.0 MB/s  5 rejected  ETA 0:15\n');
  second.close();
});

test('in a terminal there is a bar, which makes room for notes and leaves nothing behind', () => {
  const progress = start(true, total);
  work();
  expect(told.split('\r').at(-1)?.trimEnd()).toMatch(
    /^\[#####\.{15}\] 25% {2}50,000 rows {2}[\d,]+ points\/s {2}[\d.]+ MB\/s {2}5 rejected {2}ETA 0:\d\d$/,
  );
  expect(told).not.toContain('\n');
  told = '';
  progress.note('the connection was lost');
  expect(told).toMatch(/^\r +\rthe connection was lost\n$/);
  progress.close();
  told = '';
  jest.advanceTimersByTime(10_000);
  expect(told).toBe('');
});

test('of a pipe, whose end is not known, it tells no share and no time that is left', () => {
  const progress = start(false);
  work();
  expect(told).toBe('50,000 rows  10,000 points/s  5.0 MB/s  5 rejected\n');
  progress.close();
});
