import type { Client } from '../../client/index.js';
import { type CliIo, ExitCode } from '../cli-io.js';
import { connect, tenantOf } from '../connect/connection-flags.js';
import { gatewayProblem, isGatewayError } from '../connect/gateway-problem.js';
import { CommandError, UsageError } from '../usage-error.js';
import { findCollection } from './deliver.js';
import { IngestRun } from './ingest-run.js';
import { type OpenedSource, openSource } from './open-reader.js';
import { type IngestFlags, type IngestOptions, ingestOptions } from './options.js';
import { endOf, type Outcome } from './outcome.js';
import { startingPoint } from './resume.js';
import { shellText } from './shell-text.js';
import { type Summary, summaryJson, summaryText } from './summary.js';

/** Stores the rows of a file. `args` are those of the whole command line. Throws UsageError and CommandError. */
export async function ingest(
  io: CliIo,
  args: readonly string[],
  file: string,
  flags: IngestFlags,
): Promise<ExitCode> {
  const options = ingestOptions(file, flags, flags.dryRun === true ? '' : tenantOf(flags, io));
  if (file === '-' && io.stdin.isTTY === true)
    throw new UsageError('"-" reads from a pipe, and there is none');
  const client = options.isDryRun ? undefined : connect(flags, io);
  let source: OpenedSource | undefined;
  try {
    source = await openSource(options, io);
    return await ingestFrom(io, args, flags, options, source, client);
  } finally {
    source?.reader.stop();
    client?.close();
  }
}

async function ingestFrom(
  io: CliIo,
  args: readonly string[],
  flags: IngestFlags,
  options: IngestOptions,
  source: OpenedSource,
  client: Client | undefined,
): Promise<ExitCode> {
  const start = startingPoint(options, source.bytes, source.mapping);
  if (source.mapping.hasRowIds && !options.mapping.hasRowIds) {
    io.err('note: the payload file has no ids: the number of a row, from 0, is its id\n');
  }
  if (options.resumes && start.rows === 0)
    io.err('note: there is nothing to go on from: this begins with the first row\n');
  if (client !== undefined) await askFor(client, options, flags);
  const run = new IngestRun(io, options, source, start);
  await run.run(client);
  const outcome = endOf(run, flags);
  report(io, options, summaryOf(run, options, start.rows, outcome));
  if (outcome.problem !== undefined) explain(io, args, options, outcome);
  return outcome.exitCode;
}

/** Whatever is wrong with the way to the collection is told before anything is read. */
async function askFor(client: Client, options: IngestOptions, flags: IngestFlags): Promise<void> {
  try {
    await findCollection(client, options);
  } catch (error) {
    throw isGatewayError(error) ? new CommandError(gatewayProblem(error, flags)) : error;
  }
}

function summaryOf(
  run: IngestRun,
  options: IngestOptions,
  resumedAfter: number,
  { exitCode }: Outcome,
): Summary {
  return {
    file: options.file === '-' ? 'stdin' : options.file,
    collection: options.collection,
    tenant: options.tenant,
    isDryRun: options.isDryRun,
    counts: run.record.ledger.counts,
    resumedAfter,
    reconnects: run.reconnects,
    seconds: run.seconds,
    rejectedFile: run.record.rejectedFile,
    isComplete: exitCode === ExitCode.OK || exitCode === ExitCode.REJECTED,
    exitCode,
  };
}

function report(io: CliIo, { isJson }: IngestOptions, summary: Summary): void {
  io.out(isJson ? summaryJson(summary) : summaryText(summary));
}

function explain(io: CliIo, args: readonly string[], options: IngestOptions, outcome: Outcome): void {
  const { file, isDryRun, resumes } = options;
  io.err(`vector-gateway: ${file === '-' ? 'stdin' : file}: ${outcome.problem}\n`);
  if (isDryRun) return;
  if (outcome.mustBeginAgain === true) {
    io.err('rows before may be wrong too: mend the file, and ingest it from its beginning\n');
    return;
  }
  const isStrictStop = outcome.exitCode === ExitCode.STRICT;
  const kept = isStrictStop ? args.filter((arg) => arg !== '--strict') : args;
  const command = shellText([...kept, ...(resumes ? [] : ['--resume'])]);
  io.err(isStrictStop ? 'to go on, and only list such rows:\n' : 'to go on from there:\n');
  io.err(`  ${file === '-' ? '… | ' : ''}${io.self} ${command}\n`);
}
