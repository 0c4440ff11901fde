/** Keeps the values of one label to a bounded set: whatever is not in it is "other". */
export interface BoundedLabel {
  /** Adds values, as far as there is room. */
  know(values: Iterable<string>): void;
  /** `value` if it was made known. */
  known(value: string): string;
  /** `value` if it is known or there is room for it. Only for values of the gateway's own making. */
  learn(value: string): string;
}

const OTHER = 'other';

export function boundedLabel(maxValues: number, initial: Iterable<string> = []): BoundedLabel {
  const values = new Set<string>();
  const know = (added: Iterable<string>) => {
    for (const value of added) if (values.size < maxValues) values.add(value);
  };
  know(initial);
  return {
    know,
    known: (value) => (values.has(value) ? value : OTHER),
    learn(value) {
      if (values.has(value)) return value;
      if (values.size >= maxValues) return OTHER;
      values.add(value);
      return value;
    },
  };
}
