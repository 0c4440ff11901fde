import { type FileHooks, LiveFile } from '../live-file.js';
import type { TokenKeys } from './key-sets.js';

/** Where the keys for tokens come from; they may change at any time. */
export interface KeySource {
  /** Undefined as long as they could not be fetched. */
  readonly keys: TokenKeys | undefined;
  /** Grows with every change of the keys. */
  readonly revision: number;
  /** Asks for newer keys where that can help and is not too soon; resolves to whether it was done. */
  refresh(): Promise<boolean>;
  close(): void;
}

export async function keysFromFile(
  path: string,
  parse: (text: string) => TokenKeys,
  hooks: FileHooks,
): Promise<KeySource> {
  const file = await LiveFile.open(path, parse, hooks);
  return {
    get keys() {
      return file.value;
    },
    get revision() {
      return file.revision;
    },
    // The file is followed anyway.
    refresh: async () => false,
    close: () => file.close(),
  };
}
