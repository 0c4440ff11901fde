import type { Command } from 'commander';
import type { CliIo, ExitCode } from './cli-io.js';
import { addCollectionsCommand } from './collections.js';
import { addExportCommand } from './export/command.js';
import { addIngestCommand } from './ingest/command.js';
import { addSearchCommand } from './search.js';
import { UsageError } from './usage-error.js';

const names = ['ingest', 'search', 'export', 'collections'];

/** Commands that talk to a gateway as any caller does; the settings of one are not theirs. */
export function addDataCommands(
  program: Command,
  io: CliIo,
  args: readonly string[],
  report: (code: ExitCode) => void,
): void {
  program.commandsGroup('Data:');
  addIngestCommand(program, io, args, report);
  addSearchCommand(program, io, report);
  addExportCommand(program, io, report);
  addCollectionsCommand(program, io, report);
  for (const command of program.commands.filter((each) => names.includes(each.name()))) {
    command.showHelpAfterError(`(vector-gateway ${command.name()} --help lists the flags)`);
    command.hook('preAction', () => {
      const [before] = Object.keys(program.opts());
      if (before === undefined) return;
      throw new UsageError(
        `flags of "${command.name()}" stand behind its name; those before it are settings of "serve"`,
      );
    });
  }
}
