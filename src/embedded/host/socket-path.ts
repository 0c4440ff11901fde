import { createHash } from 'node:crypto';
import { closeSync, existsSync, lstatSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero. */
const MAX_SOCKET_PATH_BYTES = 100;

const fits = (path: string): boolean => Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;

export interface SocketPath {
  readonly path: string;
  /** Removes what was made for the socket outside the data folder. */
  readonly remove: () => void;
}

/** The store's socket: in the data folder, or in a fresh folder (mkdtemp: mode 0700) when the path is too long. */
export function storeSocketPath(dataDir: string): SocketPath {
  const path = join(dataDir, 'store.sock');
  if (fits(path)) return { path, remove: () => rmSync(path, { force: true }) };
  const folder = mkdtempSync(join(tmpdir(), 'vector-store-'));
  return { path: join(folder, 'store.sock'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface LockPlace {
  readonly folder: string;
  readonly name: string;
  /** Lets go of the folder; its path may be used until then. */
  readonly leave: () => void;
}

const LOCK = 'lock.sock';
/** A descriptor of this process as a folder. Linux has it. */
const DESCRIPTORS = '/proc/self/fd';

/**
 * The folder and name of the lock. Every opener must come to the same place, whatever its TMPDIR: the data folder
 * itself, if need be under a shorter path. Where there is none, a per-user folder and a digest of the path.
 */
export function lockPlace(dataDir: string): LockPlace {
  // The longest name made beside the lock is 24 bytes longer than the folder.
  if (fits(join(dataDir, 'x'.repeat(30)))) return { folder: dataDir, name: LOCK, leave: () => undefined };
  if (existsSync(DESCRIPTORS)) {
    const descriptor = openSync(dataDir, 'r');
    return { folder: join(DESCRIPTORS, String(descriptor)), name: LOCK, leave: () => closeSync(descriptor) };
  }
  const { uid } = userInfo();
  const folder = join(tmpdir(), `vector-store-locks-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = lstatSync(folder);
  if (owner !== uid || (mode & 0o077) !== 0) throw new Error(`${folder} belongs to somebody else`);
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return { folder, name, leave: () => undefined };
}
