import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import type { CollectionInfo, Distance } from '../client/index.js';
import { type CliIo, ExitCode } from './cli-io.js';
import { addConnectionFlags, type ConnectionFlags, tenantOf } from './connect/connection-flags.js';
import { withClient } from './connect/with-client.js';
import { distances } from './distances.js';
import { thousands, wholeNumber } from './number-text.js';
import { UsageError } from './usage-error.js';

interface Flags extends ConnectionFlags {
  readonly json?: boolean;
}
interface CreateFlags extends Flags {
  readonly dimension: string;
  readonly distance: Distance;
  readonly ifNotExists?: boolean;
}
interface DeleteFlags extends Flags {
  readonly yes?: boolean;
  readonly ifExists?: boolean;
}
type Report = (code: ExitCode) => void;

/** Adds `collections` with its commands to the program. */
export function addCollectionsCommand(program: Command, io: CliIo, report: Report): void {
  const group = program
    .command('collections')
    .helpCommand(false)
    .description("Look at the tenant's collections, create and delete them.");
  const add = (usage: string, description: string): Command =>
    addConnectionFlags(group.command(usage).description(description), io.env)
      .option('--json', 'Print JSON in a terminal too.')
      .showHelpAfterError(`(vector-gateway collections ${usage.split(' ')[0]} --help lists the flags)`);
  add('list', 'Print the names.').action(async (flags: Flags) => report(await list(io, flags)));
  add('get <name>', 'Print what is known of one.').action(async (name: string, flags: Flags) =>
    report(await get(io, name, flags)),
  );
  add('create <name>', 'Create one.')
    .requiredOption('-d, --dimension <n>', 'Numbers in a vector.')
    .addOption(
      new Option('--distance <name>', 'How vectors are compared.').choices(distances).default('cosine'),
    )
    .option('--if-not-exists', 'Succeed when it is there with this dimension and distance.')
    .action(async (name: string, flags: CreateFlags) => report(await create(io, name, flags)));
  add('delete <name>', 'Delete one with all its points.')
    .option('--yes', 'Do not ask.')
    .option('--if-exists', 'Succeed when there is none.')
    .action(async (name: string, flags: DeleteFlags) => report(await remove(io, name, flags)));
}

async function list(io: CliIo, flags: Flags): Promise<ExitCode> {
  await withClient(io, flags, async (client) => {
    for await (const name of client.collections.list())
      io.out(`${flags.json === true ? JSON.stringify(name) : name}\n`);
  });
  return ExitCode.OK;
}

async function get(io: CliIo, name: string, flags: Flags): Promise<ExitCode> {
  show(io, flags, await withClient(io, flags, (client) => client.collections.get(name)));
  return ExitCode.OK;
}

async function create(io: CliIo, name: string, flags: CreateFlags): Promise<ExitCode> {
  const vectorSize = wholeNumber('--dimension', flags.dimension, 1, 65_536);
  const { distance, ifNotExists } = flags;
  const { collection } = await withClient(io, flags, (client) =>
    client.collections.create(name, { vectorSize, distance, ifNotExists }),
  );
  show(io, flags, collection);
  return ExitCode.OK;
}

async function remove(io: CliIo, name: string, flags: DeleteFlags): Promise<ExitCode> {
  const wasThere = await withClient(io, flags, async (client) => {
    if (flags.yes !== true && !(await agrees(io, name, tenantOf(flags, io)))) return undefined;
    return client.collections.delete(name, { ifExists: flags.ifExists });
  });
  if (wasThere === undefined) io.err('nothing was deleted\n');
  else io.out(wasThere ? `deleted ${name}\n` : `there was no ${name}\n`);
  return wasThere === undefined ? ExitCode.FAILED : ExitCode.OK;
}

async function agrees(io: CliIo, name: string, tenant: string): Promise<boolean> {
  if (io.stdin.isTTY !== true) {
    throw new UsageError(
      `"collections delete" takes all points of ${name} with it; without a terminal it needs --yes`,
    );
  }
  const terminal = createInterface({ input: io.stdin });
  io.err(`delete ${name} of tenant ${tenant} with all its points? Type its name: `);
  try {
    for await (const line of terminal) return line.trim() === name;
    return false;
  } finally {
    terminal.close();
  }
}

function show(
  io: CliIo,
  flags: Flags,
  { name, vectorSize, distance, pointsCount, payloadIndexes }: CollectionInfo,
): void {
  if (flags.json === true || !io.isTerminal) {
    io.out(
      `${JSON.stringify({ name, dimension: vectorSize, distance, points: pointsCount, payloadIndexes })}\n`,
    );
    return;
  }
  const rows = [
    ['name', name],
    ['dimension', String(vectorSize)],
    ['distance', distance ?? '(not known)'],
    ['points', pointsCount === undefined ? '(not known)' : thousands(pointsCount)],
    ...payloadIndexes.map(({ field, type }) => ['index', `${field} (${type ?? 'not known'})`]),
  ];
  for (const [title = '', value = ''] of rows) io.out(`${title.padEnd(9)}  ${value}\n`);
}
