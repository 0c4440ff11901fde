import type { Command } from 'commander';
import type { CliIo, ExitCode } from './cli-io.js';
import { createKey } from './keys-create.js';
import { hashKey } from './keys-hash.js';
import { listKeys } from './keys-list.js';
import { revokeKey } from './keys-revoke.js';
import { addSettingFlag, readSettingFlags } from './setting-flags.js';

/** The commands below "keys". */
export function addKeyCommands(program: Command, io: CliIo, report: (code: ExitCode) => void): void {
  const keys = program.command('keys').description('Work with API keys, in the file API_KEYS_FILE.');
  const inFile = (command: Command): Command => addSettingFlag(command, 'API_KEYS_FILE');
  inFile(keys.command('create'))
    .description(
      'Make a key and print it, once; the file gets its hash. A running gateway accepts it at once.',
    )
    .requiredOption('--tenant, --tenants <ids>', tenantsText)
    .option('--scope, --scopes <scopes>', scopesText, 'read,write')
    .option('--name <name>', 'Name of the holder, for logs; made from the id otherwise.')
    .option('--expires <when>', 'In "90d" or "12h", or at "2027-01-31" or "2027-01-31T12:00:00Z".')
    .action(async (options, command) => report(await createKey(io, readSettingFlags(command), options)));
  inFile(keys.command('list'))
    .description('Print the keys, without their hashes.')
    .option('--json', 'One JSON object a line.')
    .action(async (options, command) => report(await listKeys(io, readSettingFlags(command), options)));
  inFile(keys.command('revoke <id-or-name>'))
    .description('End a key: a running gateway refuses it, and ends its calls, within 5 s.')
    .action(async (which: string, _options, command) =>
      report(await revokeKey(io, readSettingFlags(command), which)),
    );
  keys
    .command('hash')
    .description('Read a key of your own from stdin, print its entry for API_KEYS_FILE.')
    .requiredOption('--name <name>', 'Name of the holder, for logs.')
    .requiredOption('--tenant, --tenants <ids>', tenantsText)
    .option('--scope, --scopes <scopes>', scopesText, 'read,write')
    .action(async (options) => report(await hashKey(io, options)));
}

const tenantsText = 'Tenant ids separated by commas, or "*" for every tenant.';
const scopesText = 'Some of read, write, admin, separated by commas.';
