import { createHash } from 'node:crypto';
import type { Flags } from '../config/index.js';
import { IdentityFileError, type KeyEntry, makeKey, updateKeyFile } from '../identity/index.js';
import { type CliIo, ExitCode } from './cli-io.js';
import { checkEntry, keysFileOf, listOf, tenantsOf } from './keys-file.js';

export interface CreateOptions {
  /** Tenant ids separated by commas, or "*". */
  readonly tenants: string;
  readonly scopes: string;
  readonly name?: string;
  readonly expires?: string;
}

/** Makes a key, puts its hash into the file, and prints the key: alone on stdout, what there is to say on stderr. */
export async function createKey(io: CliIo, flags: Flags, options: CreateOptions): Promise<ExitCode> {
  const path = keysFileOf(io, flags);
  const { id, key } = makeKey();
  const now = new Date();
  const entry: KeyEntry = {
    id,
    name: options.name ?? `key-${id}`,
    sha256: createHash('sha256').update(key).digest('hex'),
    tenants: tenantsOf(options.tenants),
    scopes: listOf(options.scopes),
    created: now.toISOString(),
    expires: options.expires === undefined ? undefined : expiryOf(options.expires, now),
  };
  checkEntry(entry);
  await updateKeyFile(path, (entries) => {
    if (entries.some(({ name }) => name === entry.name)) {
      throw new IdentityFileError(`--name: there is a key of this name already, see "keys list"`);
    }
    return [...entries, entry];
  });
  const tenants = entry.tenants === '*' ? 'every tenant' : `tenant ${entry.tenants.join(', ')}`;
  const until = entry.expires === undefined ? '' : `, until ${entry.expires}`;
  io.err(`key ${id} (${entry.name}) for ${tenants}: ${entry.scopes.join(', ')}${until}\n`);
  io.err('This is the only time it is shown; the file holds its hash:\n');
  io.out(`${key}\n`);
  return ExitCode.OK;
}

function expiryOf(text: string, now: Date): string {
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  const atMs =
    count !== undefined && unit !== undefined
      ? now.getTime() + Number(count) * (unit === 'd' ? dayMs : hourMs)
      : Date.parse(dateForm.test(text) ? text : '');
  if (Number.isNaN(atMs)) {
    throw new IdentityFileError(`--expires: got ${JSON.stringify(text)}, allowed: ${expiryForms}`);
  }
  if (atMs <= now.getTime()) throw new IdentityFileError('--expires: the time is over already');
  return new Date(atMs).toISOString();
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const dateForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/;
const expiryForms = '90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z';
