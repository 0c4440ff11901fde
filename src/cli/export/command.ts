import type { Command } from 'commander';
import type { Client, StoredPoint } from '../../client/index.js';
import { type CliIo, ExitCode } from '../cli-io.js';
import { addConnectionFlags, type ConnectionFlags } from '../connect/connection-flags.js';
import { withClient } from '../connect/with-client.js';
import { floatsText, jsonText } from '../data/json-text.js';
import { filterFromJson } from '../filter/filter-json.js';
import { Interrupts } from '../interrupts.js';
import { thousands } from '../number-text.js';
import { fileSink, streamSink, type TextSink } from './text-sink.js';

interface ExportFlags extends ConnectionFlags {
  readonly collection: string;
  readonly output: string;
  readonly filter?: string;
  readonly vectors: boolean;
}

const examples = `
Examples:
  vector-gateway export --tenant 42 -c docs -o docs.jsonl.gz
  vector-gateway export --tenant 42 -c docs | vector-gateway ingest - --tenant 43 -c docs --create

Each line is {"id":…,"vector":[…],"payload":{…}}, as "ingest" reads it. A file appears only when it is whole.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 and 143 interrupted.`;

// Lines are written together: a write for each would cost more than making it.
const chunkCharacters = 64 * 1024;

/** Adds `export` to the program. */
export function addExportCommand(program: Command, io: CliIo, report: (code: ExitCode) => void): void {
  const command = program
    .command('export')
    .description('Write the points of a collection as JSON lines.')
    .requiredOption('-c, --collection <name>', 'Collection to read.')
    .option('-o, --output <file>', 'File to write, gzipped if it ends in .gz; "-" for stdout.', '-')
    .option('--filter <json>', 'Only points that pass; the form is that of the API.')
    .option('--no-vectors', 'Leave the vectors out.');
  addConnectionFlags(command, io.env)
    .addHelpText('after', examples)
    .action(async (flags: ExportFlags) => report(await exportPoints(io, flags)));
}

async function exportPoints(io: CliIo, flags: ExportFlags): Promise<ExitCode> {
  const filter = flags.filter === undefined ? undefined : filterFromJson(flags.filter);
  const abort = new AbortController();
  const interrupts = new Interrupts(() => abort.abort());
  try {
    const count = await withClient(io, flags, async (client) => {
      const sink = flags.output === '-' ? streamSink(io.stdout) : fileSink(flags.output);
      const options = { filter, withVector: flags.vectors, signal: abort.signal };
      return await copy(client.points(flags.collection).exportAll(options), sink);
    });
    io.err(
      `exported ${thousands(count)} points of ${flags.collection}${flags.output === '-' ? '' : ` to ${flags.output}`}\n`,
    );
    return ExitCode.OK;
  } catch (error) {
    if (interrupts.code === undefined) throw error;
    io.err(
      `vector-gateway: stopped by a signal${flags.output === '-' ? '' : `; ${flags.output} was not written`}\n`,
    );
    return interrupts.code;
  } finally {
    interrupts.close();
  }
}

/** Returns the number of points. */
async function copy(
  points: ReturnType<ReturnType<Client['points']>['exportAll']>,
  sink: TextSink,
): Promise<number> {
  let [count, text] = [0, ''];
  try {
    for await (const point of points) {
      text += lineOf(point);
      count += 1;
      if (text.length < chunkCharacters) continue;
      await sink.write(text);
      text = '';
    }
    await sink.write(text);
    await sink.finish();
    return count;
  } catch (error) {
    sink.discard();
    throw error;
  }
}

function lineOf({ id, vector, payload }: StoredPoint): string {
  const vectorPart = vector === undefined ? '' : `,"vector":${floatsText(vector)}`;
  return `{"id":${jsonText(id)}${vectorPart},"payload":${jsonText(payload)}}\n`;
}
