import { createHash } from 'node:crypto';
import { type CliIo, ExitCode } from './cli-io.js';
import { checkEntry, listOf, tenantsOf } from './keys-file.js';

export interface KeyOptions {
  readonly name: string;
  /** Tenant ids separated by commas, or "*". */
  readonly tenants: string;
  readonly scopes: string;
}

const MAX_KEY_CHARACTERS = 1_024;
const MIN_SAFE_CHARACTERS = 20;

/** Prints the entry of API_KEYS_FILE for the key on stdin. The key itself is not written anywhere. */
export async function hashKey(io: CliIo, options: KeyOptions): Promise<ExitCode> {
  if (io.stdin.isTTY === true) {
    io.err(
      'Give the key on stdin, so that it stays out of the history: openssl rand -base64 32 | tee key.txt | …\n',
    );
    return ExitCode.USAGE;
  }
  const key = await readKey(io);
  // What a Bearer token may consist of (RFC 6750): others would never arrive as they are.
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(key)) {
    io.err("the key on stdin must be one line of letters, digits and '.', '_', '~', '+', '/', '=', '-'\n");
    return ExitCode.USAGE;
  }
  if (key.length < MIN_SAFE_CHARACTERS) {
    io.err(
      `warning: a key of ${key.length} characters can be guessed; take one from "openssl rand -base64 32"\n`,
    );
  }
  const entry = {
    name: options.name,
    sha256: createHash('sha256').update(key).digest('hex'),
    tenants: tenantsOf(options.tenants),
    scopes: listOf(options.scopes),
  };
  checkEntry(entry);
  io.out(`${JSON.stringify(entry)}\n`);
  return ExitCode.OK;
}

async function readKey(io: CliIo): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin) {
    text += String(chunk);
    if (text.length > MAX_KEY_CHARACTERS) return '';
  }
  return text.replace(/\r?\n$/, '');
}
