/** One setting that cannot be used. `value` is what a person may see: a secret is never in it. */
export interface ConfigProblem {
  /** The variable or the flag, as the person gave it: "PORT" or "--port". */
  readonly variable: string;
  readonly value: string;
  readonly allowed: string;
}

/** The settings are wrong: the gateway does not start, the command line ends with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(describe).join('\n'));
    this.problems = problems;
  }

  get variable(): string {
    return this.problems[0]?.variable ?? '';
  }

  get value(): string {
    return this.problems[0]?.value ?? '';
  }

  get allowed(): string {
    return this.problems[0]?.allowed ?? '';
  }
}

function describe(problem: ConfigProblem): string {
  return `${problem.variable}: got ${problem.value}, allowed: ${problem.allowed}`;
}

const MAX_SHOWN_CHARACTERS = 120;

/** A value for a message: in quotes, escaped, cut. */
export function shown(value: string): string {
  const points = Array.from(value);
  const cut = points.length > MAX_SHOWN_CHARACTERS;
  return JSON.stringify(cut ? `${points.slice(0, MAX_SHOWN_CHARACTERS).join('')}…` : value);
}
