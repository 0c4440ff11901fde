import { type Command, Option } from 'commander';
import type { CliIo, ExitCode } from '../cli-io.js';
import { addConnectionFlags } from '../connect/connection-flags.js';
import { distances } from '../distances.js';
import { ingest } from './ingest.js';
import { formats, type IngestFlags } from './options.js';

const examples = `
Examples:
  vector-gateway ingest docs.jsonl.gz --tenant 42 --collection docs --create
  zcat docs.jsonl.gz | vector-gateway ingest - --tenant 42 --collection docs
  vector-gateway ingest shop.csv --tenant 42 --collection shop --id-field sku --vector-field embedding \\
      --id-namespace 6ba7b811-9dad-11d1-80b4-00c04fd430c8 --csv-types price=number,stock=integer
  vector-gateway ingest part.parquet --tenant 42 --collection wiki --vector-field emb --payload-columns title,url
  vector-gateway ingest vectors.npy --payload rows.jsonl --tenant 42 --collection wiki
  vector-gateway ingest docs.jsonl --dry-run

JSONL rows are {"id":1,"vector":[…],"payload":{…}}; without a "payload" all other columns are the payload.
Rejected rows do not stop a run; they are listed, with reasons, in FILE.rejected.jsonl.
A run that was cut off leaves FILE.checkpoint.json; the same command with --resume goes on from there.

Exit codes: 0 all stored, 1 failed (the rest can be resumed), 2 wrong usage, 3 done but some rows were rejected,
  4 stopped at a row by --strict, 130 and 143 interrupted (SIGINT, SIGTERM).`;

/** Adds `ingest` to the program. */
export function addIngestCommand(
  program: Command,
  io: CliIo,
  args: readonly string[],
  report: (code: ExitCode) => void,
): void {
  const command = program
    .command('ingest')
    .argument('<file>', 'A JSONL, CSV, Parquet or .npy file, JSONL and CSV also gzipped; "-" for stdin.')
    .description('Store the points of a file.')
    .option('-c, --collection <name>', 'Collection to store into; required.')
    .option('--create', 'Create the collection if need be, with the dimension of the first good row.')
    .addOption(
      new Option('--distance <name>', 'Distance of a new collection (default: cosine).').choices(distances),
    )
    .addOption(new Option('--format <name>', 'Default: by the extension; jsonl for stdin.').choices(formats));
  addMappingFlags(command);
  addRunFlags(command);
  addConnectionFlags(command, io.env)
    .addHelpText('after', examples)
    .action(async (file: string, flags: IngestFlags) => report(await ingest(io, args, file, flags)));
}

function addMappingFlags(command: Command): void {
  const options = [
    new Option('--id-field <column>', 'Column of the id (default: "id").'),
    new Option('--id-namespace <uuid>', 'Make ids that are texts UUIDs (version 5) in this namespace.'),
    new Option('--row-ids', 'The number of the row, from 0, is the id.'),
    new Option('--vector-field <column>', 'Column of the vector (default: "vector").'),
    new Option('--vector-prefix <text>', 'One column a number instead: v_ for v_0, v_1, …'),
    new Option(
      '--payload-field <column>',
      'Column whose object is the payload (default: "payload", where it is there).',
    ),
    new Option('--payload-columns <a,b>', 'Columns that are the payload (default: all others).'),
    new Option(
      '--payload <file>',
      'JSONL file with the payload, and the ids, beside a .npy file, line by line.',
    ),
    new Option(
      '--csv-types <types>',
      'Types of CSV columns: pages=integer,price=number,new=boolean,tags=json; or "auto", cell by cell (default: all are strings).',
    ),
    new Option('--delimiter <character>', 'Between CSV columns (default: a comma; a tab for .tsv).'),
  ];
  for (const option of options) command.addOption(option.helpGroup('Columns:'));
}

function addRunFlags(command: Command): void {
  const options = [
    new Option('--dry-run', 'Check every row, send nothing; needs no gateway.'),
    new Option('--strict', 'Stop at the first row that is rejected.'),
    new Option('--resume', 'Go on after the rows that an unfinished run has settled.'),
    new Option('--checkpoint <file>', 'Default: FILE.checkpoint.json, stdin.checkpoint.json for stdin.'),
    new Option('--rejected <file>', 'Default: FILE.rejected.jsonl, stdin.rejected.jsonl for stdin.'),
    new Option('--max-line-bytes <n>', 'Longer lines are rejected.').default(String(32 * 1024 * 1024)),
    new Option('--json', 'Print the summary as one line of JSON.'),
  ];
  for (const option of options) command.addOption(option.helpGroup('Run:'));
}
