import type { Flags } from '../config/index.js';
import { IdentityFileError, type KeyEntry, loadKeyring } from '../identity/index.js';
import type { CliIo } from './cli-io.js';

/** The file that key commands work on. Nothing else of the settings matters to them. */
export function keysFileOf(io: CliIo, flags: Flags): string {
  const path = flags.API_KEYS_FILE ?? io.env.API_KEYS_FILE;
  if (typeof path === 'string' && path !== '') return path;
  throw new IdentityFileError('API_KEYS_FILE is not set: say which file with --api-keys-file keys.json');
}

/** "42,43" → ["42", "43"]; the reader of the file judges the parts. */
export function tenantsOf(text: string): '*' | string[] {
  return text.trim() === '*' ? '*' : listOf(text);
}

export function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** Throws IdentityFileError, in words of the command line, when the reader of the file would not accept the entry. */
export function checkEntry(entry: KeyEntry): void {
  try {
    loadKeyring(JSON.stringify({ keys: [entry] }), 'the key');
  } catch (error) {
    if (!(error instanceof IdentityFileError)) throw error;
    const text = error.message.replace(
      /^the key: keys\[0\]\.(\w+)/,
      (_, field: string) => flags[field] ?? field,
    );
    throw new IdentityFileError(text);
  }
}

const flags: Readonly<Record<string, string>> = { name: '--name', tenants: '--tenant', scopes: '--scope' };
