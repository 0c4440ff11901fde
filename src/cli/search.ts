import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { FoundPoint, NearestOptions } from '../client/index.js';
import { type CliIo, ExitCode } from './cli-io.js';
import { addConnectionFlags, type ConnectionFlags } from './connect/connection-flags.js';
import { withClient } from './connect/with-client.js';
import { floatsText, jsonText } from './data/json-text.js';
import { pointIdOf } from './data/point-id-of.js';
import { RowProblem } from './data/row.js';
import { vectorOf } from './data/vector-of.js';
import { filterFromJson } from './filter/filter-json.js';
import { wholeNumber } from './number-text.js';
import { UsageError } from './usage-error.js';

interface SearchFlags extends ConnectionFlags {
  readonly collection: string;
  readonly vector?: string;
  readonly id?: string;
  readonly limit: string;
  readonly offset?: string;
  readonly filter?: string;
  readonly scoreThreshold?: string;
  readonly payload: boolean;
  readonly withVector?: boolean;
  readonly exact?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  vector-gateway search --tenant 42 -c docs --vector '[0.1,0.2,0.3,0.4]' --limit 5
  vector-gateway search --tenant 42 -c docs --vector @query.json --filter '{"must":[{"field":{"key":"lang","match":{"keyword":"de"}}}]}'
  vector-gateway search --tenant 42 -c docs --id 17 --json

In a terminal the result is a table, otherwise, or with --json, a JSON object a line.
Exit codes: 0 done (also when nothing is found), 1 failed, 2 wrong usage.`;

/** Adds `search` to the program. */
export function addSearchCommand(program: Command, io: CliIo, report: (code: ExitCode) => void): void {
  const command = program
    .command('search')
    .description('Find the points nearest to a vector, or to a stored point.')
    .requiredOption('-c, --collection <name>', 'Collection to search.')
    .option('--vector <json|@file>', 'Vector to search near to, or a file with one.')
    .option('--id <id>', 'Search near to this stored point, a number or a UUID.')
    .option('--limit <n>', 'How many.', '10')
    .option('--offset <n>', 'How many to pass over.')
    .option('--filter <json>', 'Only points that pass; the form is that of the API.')
    .option('--score-threshold <score>', 'Only better scores.')
    .option('--with-payload', 'Print the payload (the default).')
    .option('--no-payload', 'Print no payload.')
    .option('--with-vector', 'Print vectors.')
    .option('--exact', 'Search without the approximate index.')
    .option('--json', 'Print JSON lines in a terminal too.');
  addConnectionFlags(command, io.env)
    .addHelpText('after', examples)
    .action(async (flags: SearchFlags) => report(await search(io, flags)));
}

async function search(io: CliIo, flags: SearchFlags): Promise<ExitCode> {
  const options = optionsOf(flags);
  const near = nearOf(flags);
  const found = await withClient(io, flags, (client) => {
    const points = client.points(flags.collection);
    return near.vector === undefined
      ? points.queryById(near.id, options)
      : points.search(near.vector, options);
  });
  if (flags.json === true || !io.isTerminal) for (const point of found) io.out(lineOf(point, flags));
  else io.out(tableOf(found, io.columns()));
  return ExitCode.OK;
}

function optionsOf(flags: SearchFlags): NearestOptions {
  const { scoreThreshold } = flags;
  if (
    scoreThreshold !== undefined &&
    (scoreThreshold.trim() === '' || !Number.isFinite(Number(scoreThreshold)))
  ) {
    throw new UsageError(`--score-threshold: ${JSON.stringify(scoreThreshold)} is not a number`);
  }
  return {
    limit: wholeNumber('--limit', flags.limit, 1, 10_000),
    offset: flags.offset === undefined ? undefined : wholeNumber('--offset', flags.offset, 0, 1_000_000),
    filter: flags.filter === undefined ? undefined : filterFromJson(flags.filter),
    scoreThreshold: scoreThreshold === undefined ? undefined : Number(scoreThreshold),
    withPayload: flags.payload,
    withVector: flags.withVector === true,
    exact: flags.exact,
  };
}

type Near =
  | { readonly vector: Float32Array; readonly id?: undefined }
  | { readonly id: bigint | string; readonly vector?: undefined };

function nearOf({ vector, id }: SearchFlags): Near {
  if ((vector === undefined) === (id === undefined)) throw new UsageError('give either --vector or --id');
  try {
    if (id !== undefined) return { id: pointIdOf(id, '--id', undefined) };
    return { vector: vectorOf(textOf(vector ?? ''), '--vector') };
  } catch (error) {
    throw error instanceof RowProblem
      ? new UsageError(error.message.replace(/;.*--id-namespace.*/, ''))
      : error;
  }
}

function textOf(argument: string): string {
  if (!argument.startsWith('@')) return argument;
  try {
    return readFileSync(argument.slice(1), 'utf8');
  } catch (error) {
    throw new UsageError(`--vector: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function lineOf({ id, score, payload, vector }: FoundPoint, flags: SearchFlags): string {
  const parts = [`"id":${jsonText(id)}`, `"score":${floatsText(Float32Array.of(score)).slice(1, -1)}`];
  if (flags.payload) parts.push(`"payload":${jsonText(payload)}`);
  if (vector !== undefined) parts.push(`"vector":${floatsText(vector)}`);
  return `{${parts.join(',')}}\n`;
}

function tableOf(found: readonly FoundPoint[], columns: number): string {
  if (found.length === 0) return 'nothing found\n';
  const rows = [
    ['score', 'id', 'payload'],
    ...found.map(({ id, score, payload, vector }) => [
      score.toFixed(4),
      String(id),
      `${jsonText(payload)}${vector === undefined ? '' : ` ${floatsText(vector)}`}`,
    ]),
  ];
  const widths = [0, 1].map((index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map(([score = '', id = '', payload = '']) => {
      const line = `${score.padStart(widths[0] ?? 0)}  ${id.padEnd(widths[1] ?? 0)}  ${payload}`;
      return `${line.length > columns ? `${line.slice(0, columns - 1)}…` : line.trimEnd()}\n`;
    })
    .join('');
}
