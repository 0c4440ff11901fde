import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EmbeddedStoreError, STORE_FILE } from '../options.js';

/** Files of a mounted or freshly made folder that are nobody's data. */
const HARMLESS = new Set(['lost+found', '.gitkeep', '.DS_Store']);
/** What a store that was killed at its very start may have left. */
const OURS = /^(store\.mdb(-lock)?|store\.sock|lock\.sock|\.[0-9a-f]{12}\.lock)$/;

const causeOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Node's own recursive mkdir never ends in a folder that takes no children and says ENOENT, as /proc does. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else was quicker.
    if (!existsSync(path)) throw error;
  }
}

/**
 * Makes the folder, or takes an existing one, and closes it to other users: the socket inside has no
 * authentication. A folder that holds something else is refused: DATA_DIR=/tmp by mistake must not lock everybody
 * out of /tmp. Returns the real path.
 */
export function prepareDataDir(dataDir: string): string {
  try {
    makeFolders(resolve(dataDir));
    const path = realpathSync(dataDir);
    const names = readdirSync(path);
    const others = names.filter((name) => !HARMLESS.has(name) && !OURS.test(name));
    if (others.length > 0 && !names.includes(STORE_FILE)) {
      throw new EmbeddedStoreError(
        'DATA_DIR_UNUSABLE',
        `data folder ${dataDir} holds files of others (${others.slice(0, 3).join(', ')}); give the store a folder of its own`,
      );
    }
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return path;
  } catch (error) {
    if (error instanceof EmbeddedStoreError) throw error;
    throw new EmbeddedStoreError(
      'DATA_DIR_UNUSABLE',
      `data folder ${dataDir} cannot be used: ${causeOf(error)}`,
    );
  }
}
