/** Looks again until it holds; says what it waited for when it never does. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  maxMs = 5_000,
): Promise<void> {
  for (const endAtMs = Date.now() + maxMs; !(await holds()); ) {
    if (Date.now() > endAtMs) throw new Error(`waited ${maxMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
