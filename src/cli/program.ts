import { Command, CommanderError, Option } from 'commander';
import { readVersion } from '../app/index.js';
import { ConfigError, type Flags, flagOf, settings, type Variable, variables } from '../config/index.js';
import { IdentityFileError } from '../identity/index.js';
import { type CliIo, ExitCode } from './cli-io.js';
import { checkConfig, listSettings } from './config-commands.js';
import { checkHealth } from './health.js';
import { addKeyCommands } from './keys-commands.js';
import { serve } from './serve.js';

/** Runs one command line (without "node" and the script) and resolves to its exit code. Never rejects. */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.OK;
  const program = buildProgram(io, (code) => {
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

function buildProgram(io: CliIo, report: Report): Command {
  const program = new Command('vector-gateway')
    .description('A gRPC gateway that lets many companies share one Qdrant safely.')
    .version(readVersion(), '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .addHelpText('after', environmentHelp());
  for (const variable of variables) addSettingOption(program, variable);
  const flags = () => readFlags(program);

  program
    .command('serve', { isDefault: true })
    .description('Run the gateway (the default command).')
    .action(async () => report(await serve(io, flags())));
  program
    .command('health')
    .description('Ask a running gateway whether it serves; exit code 0 if so, 1 if not.')
    .option('--address <host:port>', 'Gateway to ask; the configured one by default.')
    .option('--timeout-ms <n>', 'How long to wait.', '3000')
    .action(async (options) => report(await checkHealth(io, flags(), options)));
  addConfigCommands(program, io, report, flags);
  addKeyCommands(program, io, report, flags);
  return program;
}

function addConfigCommands(program: Command, io: CliIo, report: Report, flags: () => Flags): void {
  const config = program.command('config').description('Look at the settings.');
  config
    .command('check')
    .description('Check environment and flags as "serve" would, print what is in force.')
    .action(async () => report(await checkConfig(io, flags())));
  config
    .command('list')
    .description('Print the table of all settings as Markdown.')
    .action(() => report(listSettings(io)));
}

function addSettingOption(program: Command, variable: Variable): void {
  const { group, defaultText, allowed, description, isSwitch } = settings[variable];
  const flag = flagOf(variable);
  if (flag === undefined) return;
  const standard = isSwitch || defaultText === undefined ? '' : `, default ${defaultText}`;
  const range = isSwitch ? '' : ` Allowed: ${allowed}.`;
  const option = new Option(
    isSwitch ? flag : `${flag} <value>`,
    `${description}${range} (${variable}${standard})`,
  );
  program.addOption(option.helpGroup(`${group}:`));
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
    'Exit codes: 0 done, 1 failed (or cut off by a second signal), 2 wrong settings, 70 a fault in the gateway.',
  ].join('\n');
}

function readFlags(program: Command): Flags {
  const options: Record<string, unknown> = program.opts();
  const flags: Partial<Record<Variable, string | boolean>> = {};
  for (const variable of variables) {
    const value = options[attributeOf(variable)];
    if (typeof value === 'string' || typeof value === 'boolean') flags[variable] = value;
  }
  return flags;
}

/** The name commander gives to the value of a flag: DATA_DIR → dataDir. */
function attributeOf(variable: Variable): string {
  return variable.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function explain(error: unknown, io: CliIo): ExitCode {
  // Commander has written its own text, help and version included.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split('\n')) io.err(`vector-gateway: ${line}\n`);
  return error instanceof ConfigError || error instanceof IdentityFileError
    ? ExitCode.USAGE
    : ExitCode.FAILED;
}
