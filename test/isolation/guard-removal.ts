/** A guard taken out of a copy of the sources: the suites must notice. */
export interface Removal {
  readonly guard: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly suites: readonly string[];
}

export const removal = (
  guard: string,
  file: string,
  from: string,
  to: string,
  ...suites: string[]
): Removal => ({
  guard,
  file: `src/${file}`,
  from,
  to,
  suites: suites.map((suite) => `test/${suite}.test.ts`),
});
