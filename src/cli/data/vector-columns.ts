import { RowProblem } from './row.js';

/** Columns "v_0", "v_1" … in the order of their numbers, which begin with 0 or 1. Throws RowProblem for a gap. */
export function vectorColumns(prefix: string, names: readonly string[]): string[] {
  const numbered = names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ name, number: Number(name.slice(prefix.length)) }))
    .sort((a, b) => a.number - b.number);
  const first = numbered[0]?.number;
  if (first === undefined) {
    throw new RowProblem('VECTOR_MISSING', `there is no column ${prefix}0; there are: ${listOf(names)}`);
  }
  const gap = numbered.findIndex(({ number }, index) => number !== first + index);
  if (gap < 0 && first <= 1) return numbered.map(({ name }) => name);
  const missing = first > 1 ? 0 : first + gap;
  throw new RowProblem('VECTOR_MISSING', `the column ${prefix}${missing} is missing`);
}

/** Names for people, not more than they would read. */
export function listOf(names: readonly string[]): string {
  const shown = names
    .slice(0, 20)
    .map((name) => name.slice(0, 60))
    .join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown || '(none)';
}
