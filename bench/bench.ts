import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedGround, QdrantGround } from './suite/ground.js';
import { describeMachine } from './suite/machine.js';
import { MessageStore } from './suite/measure.js';
import { type BenchOptions, readOptions, type SectionName, usage } from './suite/options.js';
import { VectorSource } from './suite/points.js';
import { profileText } from './suite/report/profile.js';
import { plot } from './suite/report/svg.js';
import { machineText, sectionText, targetsText } from './suite/report/text.js';
import { runDistance } from './suite/sections/distance.js';
import { runGrid } from './suite/sections/grid.js';
import { runIngest } from './suite/sections/ingest.js';
import { runMemory } from './suite/sections/memory.js';
import { runPool } from './suite/sections/pool.js';
import { runSearch } from './suite/sections/search.js';
import { type Bench, profileFolder, type SectionReport } from './suite/sections/section.js';
import { directTarget } from './suite/targets/direct.js';

// `npm run bench`: what the gateway costs, beside calls that go without it. docs/bench.md says what each row means.

const runs: Readonly<Record<SectionName, (bench: Bench) => Promise<SectionReport>>> = {
  ingest: runIngest,
  search: runSearch,
  pool: runPool,
  grid: runGrid,
  distance: runDistance,
  memory: runMemory,
};

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function main(): Promise<void> {
  let options: BenchOptions | undefined;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  if (options === undefined) return void process.stdout.write(usage);
  await run(options);
}

async function run(options: BenchOptions): Promise<void> {
  const startedAt = new Date();
  const machine = describeMachine();
  const direct = directTarget(process.env);
  const qdrant = direct && new QdrantGround(direct);
  const ground = qdrant ?? embeddedGround;
  const backend = qdrant === undefined ? ground.text : `Qdrant ${await qdrant.version()}; ${ground.text}`;
  print(machineText(machine, backend));
  const vectors = new VectorSource(options.dimension);
  const messages = new MessageStore(options.batch, vectors);
  const sections: SectionReport[] = [];
  for (const name of options.sections) {
    const onProgress = progressOf(name);
    const section = await runs[name]({ options, direct, ground, vectors, messages, onProgress });
    onProgress('');
    sections.push(section);
    print(sectionText(section));
    if (options.profile) print(profileText(profileFolder(options, name)));
  }
  qdrant?.close();
  const targets = sections.flatMap((section) => section.targets);
  process.stdout.write(targetsText(targets, direct !== undefined));
  mkdirSync(options.out, { recursive: true });
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const all = { startedAt, seconds, machine, backend, options, sections, targets };
  writeFileSync(join(options.out, 'bench.json'), `${JSON.stringify(all, undefined, 2)}\n`);
  writeFileSync(join(options.out, 'bench.svg'), plot(sections));
  print(`${seconds} s; ${join(options.out, 'bench.json')}, ${join(options.out, 'bench.svg')}`);
}

/** One line that is written over in a terminal; in a file it would only be in the way. */
function progressOf(section: SectionName): (text: string) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (text) => {
    process.stderr.write(`\r\x1b[K${text === '' ? '' : `${section}: ${text}`}`);
  };
}

// Gateways that were started end with this process; by itself a signal would not let it say so to them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
// Each gateway of a section listens for its end.
process.setMaxListeners(64);

main().then(
  // The official client keeps its sessions, and cannot be closed.
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
