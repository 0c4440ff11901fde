import { checkIdentity } from '../app/index.js';
import { describeValues, type Flags, readConfig, settingsMarkdown } from '../config/index.js';
import { type CliIo, ExitCode } from './cli-io.js';

/** Checks everything that `serve` checks before it opens anything. Throws ConfigError or IdentityFileError. */
export async function checkConfig(io: CliIo, flags: Flags): Promise<ExitCode> {
  const config = readConfig(io.env, flags);
  for (const line of await checkIdentity(config)) io.err(`${line}\n`);
  for (const { variable, value, source } of describeValues(io.env, flags)) {
    io.out(`${variable}=${value}${source === 'default' ? '' : `  (from ${source})`}\n`);
  }
  for (const warning of config.warnings) io.err(`warning: ${warning}\n`);
  return ExitCode.OK;
}

/** Prints the reference that docs/configuration.md holds. */
export function listSettings(io: CliIo): ExitCode {
  io.out(settingsMarkdown());
  return ExitCode.OK;
}
