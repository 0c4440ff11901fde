import { Command, CommanderError } from 'commander';
// Not by its index: that would load the whole gateway for every command.
import { readVersion } from '../app/version.js';
import { ConfigError, settings, variables } from '../config/index.js';
import { IdentityFileError } from '../identity/index.js';
import { type CliIo, ExitCode } from './cli-io.js';
import { checkConfig, listSettings } from './config-commands.js';
import { addDataCommands } from './data-commands.js';
import { checkHealth } from './health.js';
import { addKeyCommands } from './keys-commands.js';
import { addSettingFlags, readSettingFlags } from './setting-flags.js';
import { UsageError } from './usage-error.js';

/** Runs one command line (without "node" and the script) and resolves to its exit code. Never rejects. */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.OK;
  const program = buildProgram(io, args, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, io);
  }
}

type Report = (code: ExitCode) => void;

function buildProgram(io: CliIo, args: readonly string[], report: Report): Command {
  const program = new Command('vector-gateway')
    .description('A gRPC gateway that lets many companies share one Qdrant safely.')
    .version(readVersion(), '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help.')
    .helpCommand(false)
    .exitOverride()
    // A flag belongs to the command before it: those of the data commands have names that settings have too.
    .enablePositionalOptions()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .configureHelp({ helpWidth: 110 })
    .addHelpText('after', environmentHelp());
  addSettingFlags(program);
  addGatewayCommands(program, io, report);
  addConfigCommands(program, io, report);
  addKeyCommands(program, io, report);
  addDataCommands(program, io, args, report);
  return program;
}

function addGatewayCommands(program: Command, io: CliIo, report: Report): void {
  addSettingFlags(program.command('serve', { isDefault: true }))
    .description('Run the gateway (the default command).')
    .action(async (_options, command) => {
      const { serve } = await import('./serve.js');
      report(await serve(io, readSettingFlags(command)));
    });
  const health = program
    .command('health')
    .description('Ask a running gateway whether it serves; exit code 0 if so, 1 if not.')
    .option('--address <host:port>', 'Gateway to ask; the configured one by default.')
    .option('--timeout-ms <n>', 'How long to wait.', '3000');
  addSettingFlags(health).action(async (options, command) =>
    report(await checkHealth(io, readSettingFlags(command), options)),
  );
}

function addConfigCommands(program: Command, io: CliIo, report: Report): void {
  const config = program.command('config').description('Look at the settings.');
  addSettingFlags(config.command('check'))
    .description('Check environment and flags as "serve" would, print what is in force.')
    .action(async (_options, command) => report(await checkConfig(io, readSettingFlags(command))));
  config
    .command('list')
    .description('Print the table of all settings as Markdown.')
    .action(() => report(listSettings(io)));
}

function environmentHelp(): string {
  const secrets = variables
    .filter((variable) => settings[variable].secret)
    .map((variable) => `  ${variable}  ${settings[variable].description}`);
  return [
    '',
    'Every flag has the environment variable named with it; the flag wins.',
    'Secrets come by environment only, because arguments are visible to everyone on the machine:',
    ...secrets,
    '',
    'Exit codes: 0 done, 1 failed (or cut off by a second signal), 2 wrong settings, 70 a fault in the gateway;',
    '"ingest" has more of them, see "vector-gateway ingest --help".',
  ].join('\n');
}

function explain(error: unknown, io: CliIo): ExitCode {
  // Commander has written its own text, help and version included.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split('\n')) io.err(`vector-gateway: ${line}\n`);
  const isUsage =
    error instanceof ConfigError || error instanceof IdentityFileError || error instanceof UsageError;
  return isUsage ? ExitCode.USAGE : ExitCode.FAILED;
}
