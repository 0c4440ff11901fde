import type { Flags } from '../config/index.js';
import { IdentityFileError } from '../identity/index.js';
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
