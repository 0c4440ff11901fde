/** The number of a name. Callers without types may give one that does not exist; undefined would stand for the default. */
export function numberOf<Name extends string>(
  table: Readonly<Record<Name, number>>,
  name: Name,
  what: string,
): number {
  if (Object.hasOwn(table, name)) return table[name];
  throw new TypeError(`${what}: must be one of ${Object.keys(table).join(', ')}, not "${name}"`);
}

/** The name of a number; undefined for one that this client does not know. */
export function nameOf<Name extends string>(
  table: Readonly<Record<Name, number>>,
  number: number | undefined,
): Name | undefined {
  // Object.keys is typed for objects with any more keys; the tables have none.
  return (Object.keys(table) as Name[]).find((name) => table[name] === number);
}
