import type { Flags } from '../config/index.js';
import { type KeyEntry, updateKeyFile } from '../identity/index.js';
import { type CliIo, ExitCode } from './cli-io.js';
import { keysFileOf } from './keys-file.js';

/** Marks the key with this id, or this name, as revoked. It stays in the file, so that "keys list" shows it. */
export async function revokeKey(io: CliIo, flags: Flags, which: string): Promise<ExitCode> {
  const path = keysFileOf(io, flags);
  let found: KeyEntry | undefined;
  await updateKeyFile(path, (entries) => {
    found = entries.find(({ id }) => id === which) ?? entries.find(({ name }) => name === which);
    if (found === undefined || found.revoked !== undefined) return entries;
    const revoked = new Date().toISOString();
    return entries.map((entry) => (entry === found ? { ...entry, revoked } : entry));
  });
  if (found === undefined) {
    // What was typed may be the key itself: it is not repeated.
    io.err(`no key has this id or name; "keys list" shows those in ${path}\n`);
    return ExitCode.FAILED;
  }
  const state = found.revoked === undefined ? 'is revoked' : `was revoked at ${found.revoked}`;
  io.err(`key ${found.id ?? found.name} (${found.name}) ${state}\n`);
  return ExitCode.OK;
}
