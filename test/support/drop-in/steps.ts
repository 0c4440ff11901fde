import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One call of a scenario, and what came of it: a reply as JSON, or the name of the gRPC code. */
export interface Step {
  readonly step: string;
  readonly reply?: unknown;
  readonly code?: string;
}

/** The steps that came out otherwise than expected, in words. Numbers may differ in the sixth digit. */
export function differences(expected: readonly Step[], got: readonly Step[]): string[] {
  const longest = expected.length > got.length ? expected : got;
  return longest.flatMap((_, index) => {
    const [wanted, found] = [expected[index], got[index]];
    const step = wanted?.step ?? found?.step;
    if (areAlike(plain(wanted), plain(found))) return [];
    return [
      `${step}:\n  expected ${JSON.stringify(plain(wanted))}\n  got      ${JSON.stringify(plain(found))}`,
    ];
  });
}

/** What differs from server to server, and from run to run, without the answer being another one. */
const changing: ReadonlySet<string> = new Set([
  ...['time', 'usage', 'operationId', 'operation_id', 'optimizerStatus', 'optimizer_status', 'version'],
  ...['segmentsCount', 'segments_count', 'indexedVectorsCount', 'indexed_vectors_count', 'vectors_count'],
]);

/** As JSON, without what changes, with big integers as numbers. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (key, each: unknown) => {
      if (changing.has(key) || key.startsWith('$')) return undefined;
      return typeof each === 'bigint' ? Number(each) : each;
    }),
  );
}

function areAlike(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b || Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a));
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && areAlike(value, right.get(key)))
  );
}

/**
 * What Qdrant itself answered to a scenario. `RECORD_DROP_IN=1`, with QDRANT_URL, writes it anew when a scenario or
 * the version of Qdrant changes.
 */
export const recording = {
  read: (name: string): Step[] =>
    readFileSync(pathOf(name), 'utf8')
      .trim()
      .split('\n')
      .map((line): Step => JSON.parse(line)),
  write: (name: string, steps: readonly Step[]): void => {
    if (process.env.RECORD_DROP_IN !== '1') return;
    writeFileSync(pathOf(name), steps.map((step) => `${JSON.stringify(plain(step))}\n`).join(''));
  },
};

const pathOf = (name: string): string => join(__dirname, `${name}.jsonl`);
