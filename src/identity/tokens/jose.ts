// Types alone: the package is an ES module, and this one is not.
export type Jose = typeof import('jose');

/** The library that reads and verifies tokens. */
export function loadJose(): Promise<Jose> {
  return import('jose');
}
