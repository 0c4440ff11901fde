import { median } from './stats.js';

/** What one measurement found, by the name of the figure. Undefined: could not be measured here. */
export type Figures = Readonly<Record<string, number | undefined>>;

/** Something that is measured once in each round. */
export interface Cell {
  readonly row: string;
  /** Calls at a time, or streams. */
  readonly callers: number;
  readonly measure: () => Promise<Figures>;
}

export interface Result {
  readonly row: string;
  readonly callers: number;
  /** In the order of the rounds. */
  readonly rounds: readonly Figures[];
  readonly medians: Readonly<Record<string, number>>;
}

/**
 * Measures every cell once a round. Cells take turns, and each round begins with another one, so that a machine that is
 * busy for a while slows all of them alike.
 */
export async function interleave(
  cells: readonly Cell[],
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Result[]> {
  const found = new Map(cells.map((cell) => [cell, [] as Figures[]]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < cells.length; turn++) {
      const cell = cells[(turn + round) % cells.length];
      if (cell === undefined) continue;
      onProgress(`round ${round + 1}/${rounds}: ${cell.row}, ${cell.callers} at a time`);
      found.get(cell)?.push(await cell.measure());
    }
  }
  return cells.map((cell) => {
    const figures = found.get(cell) ?? [];
    return { row: cell.row, callers: cell.callers, rounds: figures, medians: mediansOf(figures) };
  });
}

function mediansOf(rounds: readonly Figures[]): Record<string, number> {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names
      .map((name): [string, number] => [name, median(valuesOf(rounds, name))])
      .filter(([, value]) => Number.isFinite(value)),
  );
}

const valuesOf = (rounds: readonly Figures[], name: string): number[] =>
  rounds.map((figures) => figures[name]).filter((value): value is number => value !== undefined);

/**
 * The median over the rounds of one row's figure divided by another's: what disturbs a round disturbs both. Undefined
 * where one of the rows was not measured.
 */
export function ratio(
  results: readonly Result[],
  figure: string,
  [over, under]: readonly [string, string],
  callers: number,
): number | undefined {
  const roundsOf = (row: string) =>
    results.find((result) => result.row === row && result.callers === callers)?.rounds;
  const [upper, lower] = [roundsOf(over), roundsOf(under)];
  if (upper === undefined || lower === undefined) return undefined;
  const ratios = upper.map(
    (figures, round) => (figures[figure] ?? Number.NaN) / (lower[round]?.[figure] ?? 0),
  );
  const value = median(ratios);
  return Number.isFinite(value) ? value : undefined;
}
