/** How a stream that broke is continued. */
export interface ReconnectOptions {
  /** Streams that may break one after the other without anything gained between. Default: 20. */
  readonly maxReconnects?: number;
  /** The first wait before a stream is opened again is at most this long; it doubles from one to the next. Default: 100. */
  readonly backoffMs?: number;
  /** No wait is longer, unless the gateway asks for it. Default: 5,000. */
  readonly maxBackoffMs?: number;
}

export const reconnectDefaults = { maxReconnects: 20, backoffMs: 100, maxBackoffMs: 5000 } as const;

/**
 * Options with their defaults: one that is present but undefined means its default. Throws RangeError for a number with
 * which nothing would move; those in `positive` must not be 0.
 */
export function numbersOf<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
  options: Readonly<Partial<Record<NoInfer<Name>, number>>>,
  positive: readonly NoInfer<Name>[] = [],
): Record<Name, number> {
  const numbers: Record<Name, number> = { ...defaults };
  // Object.keys is typed for objects with any more keys; the defaults have none.
  for (const name of Object.keys(defaults) as Name[]) {
    const value = options[name] ?? defaults[name];
    const least = positive.includes(name) ? 1 : 0;
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`${name}: must be an integer from ${least}, not ${value}`);
    }
    numbers[name] = value;
  }
  return numbers;
}
