import { parseArgs } from 'node:util';

export const sectionNames = ['ingest', 'search', 'pool', 'grid', 'distance', 'memory'] as const;
export type SectionName = (typeof sectionNames)[number];

export interface BenchOptions {
  readonly sections: readonly SectionName[];
  readonly dimension: number;
  readonly rounds: number;
  /** How long one measurement sends; what is under way then is waited for. */
  readonly seconds: number;
  /** Points in a message of a caller. */
  readonly batch: number;
  readonly callers: readonly number[];
  /** Points of the memory section. */
  readonly memoryPoints: number;
  readonly out: string;
  readonly profile: boolean;
  /** Only these rows of ingest and search; all when undefined. */
  readonly rows: readonly string[] | undefined;
}

export const usage = `npm run bench -- [flags]      QDRANT_URL, QDRANT_API_KEY: the Qdrant to measure on; without, the embedded store
  --only <names>          sections, by comma: ${sectionNames.join(',')} (all)
  --rows <names>          only these rows of ingest and search, by comma (all)
  --quick                 one short round of everything, to see that it works: the figures mean little
  --rounds <n>            rounds over the rows of a section, 1 to 100 (3)
  --seconds <s>           how long one measurement sends, 0.1 to 60 (1)
  --callers <list>        calls at a time, each 1 to 256 (1,8,64)
  --dimension <n>         size of the vectors, 2 to 4096 (1536)
  --batch <n>             points in a message of a caller, 1 to 1024 (256)
  --memory-points <n>     points of the memory section, 1000 to 10000000 (1000000: 500 s)
  --out <folder>          where bench.json and bench.svg go (build/bench-results)
  --profile               CPU profiles of the gateways, into the folder, and their functions in the output
`;

const flags = {
  help: { type: 'boolean', short: 'h' },
  quick: { type: 'boolean' },
  profile: { type: 'boolean' },
  only: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  callers: { type: 'string' },
  dimension: { type: 'string' },
  batch: { type: 'string' },
  'memory-points': { type: 'string' },
  out: { type: 'string' },
  rows: { type: 'string' },
} as const;

const full = { rounds: 3, seconds: 1, callers: [1, 8, 64], dimension: 1536, batch: 256, points: 1_000_000 };
const quick = { rounds: 1, seconds: 0.3, callers: [1, 8], dimension: 256, batch: 64, points: 4_000 };

/** Undefined when only the usage was asked for. Throws an Error that names the flag. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help === true) return undefined;
  const defaults = values.quick === true ? quick : full;
  return {
    sections: sections(values.only),
    dimension: number('dimension', values.dimension, [2, 4_096], defaults.dimension),
    rounds: number('rounds', values.rounds, [1, 100], defaults.rounds),
    seconds: number('seconds', values.seconds, [0.1, 60], defaults.seconds, false),
    batch: number('batch', values.batch, [1, 1_024], defaults.batch),
    callers:
      values.callers?.split(',').map((each) => number('callers', each, [1, 256], 1)) ?? defaults.callers,
    memoryPoints: number('memory-points', values['memory-points'], [1_000, 10_000_000], defaults.points),
    out: values.out ?? 'build/bench-results',
    profile: values.profile === true,
    rows: values.rows?.split(','),
  };
}

function sections(text: string | undefined): readonly SectionName[] {
  if (text === undefined) return sectionNames;
  const wanted = text.split(',');
  const unknown = wanted.find((name) => !(sectionNames as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new Error(`--only: got ${JSON.stringify(unknown)}, allowed: ${sectionNames.join(', ')}`);
  }
  return sectionNames.filter((name) => wanted.includes(name));
}

function number(
  name: string,
  text: string | undefined,
  [min, max]: readonly [number, number],
  fallback: number,
  isWhole = true,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (isWhole && !Number.isInteger(value))) {
    const kind = isWhole ? 'a whole number' : 'a number';
    throw new Error(`--${name}: got ${JSON.stringify(text)}, allowed: ${kind} from ${min} to ${max}`);
  }
  return value;
}
