import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IdentityFileError } from './identity-file-error.js';
import { parseKeyFile } from './key-file.js';

/** One key as it stands in the file. Times are ISO 8601. */
export interface KeyEntry {
  readonly id?: string;
  readonly name: string;
  readonly sha256: string;
  readonly tenants: readonly string[] | '*';
  readonly scopes: readonly string[];
  readonly created?: string;
  readonly expires?: string;
  readonly revoked?: string;
}

/** Makes new entries of those in the file; the same list changes nothing. */
export type KeyChange = (entries: readonly KeyEntry[]) => readonly KeyEntry[];

/**
 * Changes a key file, as a whole or not at all: a reader, and a machine that fails, find the old file or the new one. A
 * file that does not exist is made, for its owner alone. Throws IdentityFileError, and what `change` throws.
 */
export async function updateKeyFile(path: string, change: KeyChange): Promise<void> {
  // Behind a link: to exchange the link for a file would part them.
  const target = await realpath(path).catch(() => path);
  const unlock = await lock(`${target}.lock`);
  try {
    const before = await readEntries(target);
    const entries = change(before);
    if (entries === before) return;
    const text = `${JSON.stringify({ keys: entries }, undefined, 2)}\n`;
    // The reader of the file judges it, so that what is written is what will be accepted.
    parseKeyFile(text, path);
    await replaceFile(target, text);
  } finally {
    await unlock();
  }
}

async function readEntries(path: string): Promise<readonly KeyEntry[]> {
  try {
    const text = await readFile(path, 'utf8');
    parseKeyFile(text, path);
    // The line before says so.
    return (JSON.parse(text) as { keys: readonly KeyEntry[] }).keys;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw problem(error, path, 'cannot be read');
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const old = await stat(path).catch(() => undefined);
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      if (old !== undefined) await keepOwner(file, old);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw problem(error, path, 'cannot be written');
  }
}

/** The gateway may run as another user than who makes keys. */
async function keepOwner(file: FileHandle, old: { uid: number; gid: number; mode: number }): Promise<void> {
  const made = await file.stat();
  if (made.uid !== old.uid || made.gid !== old.gid) await file.chown(old.uid, old.gid);
  await file.chmod(old.mode & 0o777);
}

/** Else the new name may be lost with the power. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Of two writers one waits. A lock that is left behind is not taken over: who may do that, only a person knows. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (let waitedMs = 0; ; waitedMs += lockStepMs) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw problem(error, path, 'cannot be made');
      if (waitedMs >= maxLockMs) {
        throw new IdentityFileError(
          `${path}: another command changes the keys; if none does, delete this file`,
        );
      }
    }
    await sleep(lockStepMs);
  }
}

function problem(error: unknown, path: string, what: string): Error {
  if (error instanceof IdentityFileError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reason = reasons[code] ?? code;
  return new IdentityFileError(`${path}: the file ${what} (${reason})`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

const reasons: Readonly<Record<string, string>> = {
  EPERM: 'its owner cannot be kept',
  EACCES: 'this user may not',
  ENOENT: 'the folder does not exist',
  EROFS: 'the disk is read-only',
};
const lockStepMs = 50;
const maxLockMs = 5_000;
