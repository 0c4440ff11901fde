/** A file of identity cannot be used. The text says which entry, which field and what is allowed; it repeats no value. */
export class IdentityFileError extends Error {
  override readonly name = 'IdentityFileError';
}

/** `path` is the field, '' for the file as a whole. */
export function refuse(path: string, problem: string): never {
  throw new IdentityFileError(path === '' ? `the file ${problem}` : `${path} ${problem}`);
}

/** Runs `read`, and names the file in what it throws. */
export function namingFile<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof IdentityFileError ? new IdentityFileError(`${source}: ${error.message}`) : error;
  }
}
