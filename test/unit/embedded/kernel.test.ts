import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FLOAT_STEP, type Kernel, loadKernel } from '../../../src/embedded/kernel/kernel.js';
import { seededRandom } from '../../support/seed.js';

const root = resolve(__dirname, '../../..');
const ROWS = 2;
const sizes = [1, 2, 15, 16, 17, 31, 32, 33, 100, 768, 1536, 65_535, 65_536];

type Name = 'dot' | 'squaredEuclid' | 'manhattan';

/** What each function adds up for a pair of numbers, and how large that sum can get, for the tolerance. */
const terms: Readonly<Record<Name, (q: number, x: number) => number>> = {
  dot: (q, x) => q * x,
  squaredEuclid: (q, x) => (q - x) ** 2,
  manhattan: (q, x) => Math.abs(q - x),
};

const floatsFor = (size: number): number => Math.ceil(size / FLOAT_STEP) * FLOAT_STEP;

function memoryFor(kernel: Kernel, floats: number): Float32Array {
  const bytes = (floats * (ROWS + 1) + ROWS + 1) * 4;
  kernel.memory.grow(Math.ceil(bytes / 65_536));
  return new Float32Array(kernel.memory.buffer);
}

const random = seededRandom('the vectors');
const fractions = (): number => (random() - 0.5) * 2 ** Math.floor(random() * 12);
/** Sums of 65,536 of them are whole numbers below 2^24, which f32 holds exactly: one that is left out shows. */
const wholeNumbers = (): number => Math.floor(random() * 15) - 7;

interface Compared {
  readonly score: number;
  readonly sum: number;
  /** Of the parts without their signs: what rounding is relative to. */
  readonly magnitude: number;
}

function compare(name: Name, size: number, make: () => number): Compared[] {
  const kernel = loadKernel(4 * 1024 * 1024);
  const floats = floatsFor(size);
  const memory = memoryFor(kernel, floats);
  const vector = () => new Float32Array(size).map(make);
  const query = vector();
  const rows = Array.from({ length: ROWS }, vector);
  memory.set(query, 0);
  for (const [at, row] of rows.entries()) memory.set(row, floats * (at + 1));
  const out = floats * (ROWS + 1);
  memory[out + ROWS] = 42;
  kernel[name](0, floats * 4, ROWS, floats, out * 4);
  if (memory[out + ROWS] !== 42) throw new Error('something was written behind the last score');
  return rows.map((row, at) => {
    let sum = 0;
    let magnitude = 0;
    for (let i = 0; i < size; i++) {
      const part = terms[name](query[i] ?? 0, row[i] ?? 0);
      sum += part;
      magnitude += Math.abs(part);
    }
    return { score: memory[out + at] ?? Number.NaN, sum, magnitude };
  });
}

describe.each(Object.keys(terms) as Name[])('%s', (name) => {
  test.each(sizes)('of %i whole numbers is exactly the sum of a plain loop, for every row', (size) => {
    for (const { score, sum } of compare(name, size, wholeNumbers)) expect(score).toBe(sum);
  });

  test.each(sizes)('of %i fractions is that sum as far as f32 can hold it', (size) => {
    for (const { score, sum, magnitude } of compare(name, size, fractions)) {
      // Each of at most size/8 additions in a row rounds by half a unit of 2^-23.
      expect(Math.abs(score - sum)).toBeLessThanOrEqual(magnitude * (size / 8 + 4) * 2 ** -23);
    }
  });
});

test('no rows, no scores', () => {
  const kernel = loadKernel(1024 * 1024);
  const memory = new Float32Array(kernel.memory.buffer);
  memory.fill(7);
  kernel.dot(0, 64, 0, 16, 128);
  expect(memory.every((value) => value === 7)).toBe(true);
});

test('the committed bytes are those of the source', () => {
  const printed = execFileSync(process.execPath, ['scripts/build-kernel.mjs', '--print'], { cwd: root });
  expect(printed.toString()).toBe(readFileSync(resolve(root, 'src/embedded/kernel/wasm-bytes.ts'), 'utf8'));
});
