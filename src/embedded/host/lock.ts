import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { EmbeddedStoreError } from '../options.js';
import { lockPlace } from './socket-path.js';

export interface DataDirLock {
  release(): Promise<void>;
}

type Holder = 'alive' | 'dead' | 'gone';

const MAX_ATTEMPTS = 10;

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** A listening socket answers while its process lives, even a stopped one; the kernel refuses for a dead one. */
function holderOf(path: string): Promise<Holder> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    socket.once('error', (error) => {
      socket.destroy();
      const code = codeOf(error);
      // Anything unclear (EAGAIN: a full backlog) counts as alive: refusing is safe, sharing is not.
      resolve(code === 'ECONNREFUSED' ? 'dead' : code === 'ENOENT' ? 'gone' : 'alive');
    });
  });
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/** Takes the name for a socket that already listens: link() is atomic, so only one of several wins. */
function take(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead holder's socket away. A live one moved by a lost race is put back. */
async function clearDead(lock: string, aside: string): Promise<void> {
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await holderOf(aside)) === 'alive') take(aside, lock);
  rmSync(aside, { force: true });
}

/**
 * Locks the data folder for this process until release() or its death: the lock is a listening unix socket, so
 * kill -9 leaves nothing that blocks the next start, and a pid that came back cannot be mistaken for the holder.
 * Throws EmbeddedStoreError DATA_DIR_LOCKED when somebody holds it.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const { folder, name, leave } = lockPlace(dataDir);
  const lock = join(folder, name);
  const unique = () => join(folder, `.${randomBytes(6).toString('hex')}.lock`);
  const own = unique();
  const server = await listen(own);
  const inode = inodeOf(own);
  const isOurs = () => inodeOf(lock) === inode;
  const release = async () => {
    if (isOurs()) rmSync(lock, { force: true });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(own, { force: true });
    leave();
  };
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (take(own, lock)) {
      // A racer that took us for the dead holder would have moved us away by now.
      await new Promise((resolve) => setImmediate(resolve));
      if (isOurs()) {
        // The name that others look at is enough; a killed process would leave the other one for ever.
        rmSync(own, { force: true });
        return { release };
      }
    }
    const seen = inodeOf(lock);
    const holder = await holderOf(lock);
    if (holder === 'alive' && !isOurs()) break;
    // Somebody faster may have cleared it and taken its place meanwhile.
    if (holder === 'dead' && inodeOf(lock) === seen) await clearDead(lock, unique());
  }
  await release();
  throw new EmbeddedStoreError(
    'DATA_DIR_LOCKED',
    `data folder ${dataDir} is in use by another process; stop it, or give this one a data folder of its own`,
  );
}
