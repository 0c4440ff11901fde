import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type Client, createClient } from '../../client/index.js';
import type { CliIo } from '../cli-io.js';
import { UsageError } from '../usage-error.js';

/** The gateway that a command talks to, and for whom. */
export interface ConnectionFlags {
  readonly address: string;
  readonly tenant?: string;
  readonly tenantHeader: string;
  readonly tls?: boolean;
  readonly ca?: string;
}

export const variables = {
  address: 'VECTOR_GATEWAY_ADDRESS',
  tenant: 'VECTOR_GATEWAY_TENANT',
  apiKey: 'VECTOR_GATEWAY_API_KEY',
} as const;

const group = 'Connection:';

export function addConnectionFlags(command: Command, env: CliIo['env']): Command {
  const address = env[variables.address] || '127.0.0.1:50051';
  const options = [
    new Option('--address <host:port>', `Gateway (${variables.address}).`).default(address),
    new Option('--tenant <id>', `Tenant to act for; required (${variables.tenant}).`),
    new Option('--tenant-header <name>', 'Header that carries the tenant.').default('x-company-id'),
    new Option('--tls', 'Connect by TLS.'),
    new Option('--ca <file>', 'Trust the certificates in this PEM file; means --tls.'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  return command.addHelpText(
    'after',
    `\nThe API key comes from ${variables.apiKey} only: arguments are visible to everyone on the machine.`,
  );
}

/** Throws UsageError. */
export function tenantOf(flags: ConnectionFlags, io: CliIo): string {
  const tenant = flags.tenant ?? io.env[variables.tenant];
  if (tenant !== undefined && tenant !== '') return tenant;
  throw new UsageError(`for which tenant? Give --tenant <id>, or set ${variables.tenant}`);
}

/** Throws UsageError. */
export function connect(flags: ConnectionFlags, io: CliIo): Client {
  const apiKey = io.env[variables.apiKey];
  try {
    return createClient({
      address: flags.address,
      tenant: tenantOf(flags, io),
      tenantHeader: flags.tenantHeader,
      apiKey: apiKey === '' ? undefined : apiKey,
      tls: flags.ca === undefined ? flags.tls : { ca: certificates(flags.ca) },
    });
  } catch (error) {
    // The values may be wrong, and the metadata refuses what no header can hold.
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    throw new UsageError(error.message.replace(/^(address|tenant):/, '--$1:'));
  }
}

function certificates(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(
      `--ca: cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
