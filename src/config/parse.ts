import { type ConfigProblem, shown } from './config-error.js';
import { hideUrlSecrets } from './endpoints.js';
import { flagOf, settings, type Values, type Variable, variables } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Values given as flags, by the name of the variable they stand for. They win over the environment. */
export type Flags = Readonly<Partial<Record<Variable, string | boolean>>>;

/** Where a value came from, as its giver wrote it, and the value as it may be printed. */
export interface Given {
  readonly name: string;
  readonly display: string;
}

export interface Parsed {
  readonly values: Values;
  /** What was set by the person who starts the gateway; the rest are defaults. */
  readonly given: ReadonlyMap<Variable, Given>;
  readonly problems: readonly ConfigProblem[];
}

/** Reads every variable of the table, each on its own. Bad values are listed and left at their default. */
export function parseValues(env: Environment, flags: Flags): Parsed {
  const values: Partial<Record<Variable, unknown>> = {};
  const given = new Map<Variable, Given>();
  const problems: ConfigProblem[] = unknownVariables(env);
  for (const variable of variables) {
    const raw = rawValue(variable, env, flags);
    const { schema, allowed } = settings[variable];
    const result = schema.safeParse(raw?.value);
    if (raw !== undefined) given.set(variable, { name: raw.name, display: display(variable, raw.value) });
    if (result.success) {
      values[variable] = result.data;
    } else {
      values[variable] = schema.parse(undefined);
      problems.push({ variable: raw?.name ?? variable, value: display(variable, raw?.value ?? ''), allowed });
    }
  }
  // Every key of the table was filled from the schema of that key.
  return { values: values as Values, given, problems };
}

function rawValue(
  variable: Variable,
  env: Environment,
  flags: Flags,
): { name: string; value: string } | undefined {
  const flag = flags[variable];
  if (flag !== undefined) return { name: flagOf(variable) ?? variable, value: String(flag) };
  const value = env[variable];
  // An empty variable is what compose files and shells make of an unset one. Not so for Qdrant's: an empty
  // QDRANT_URL must not start the embedded store.
  if (value === undefined || (value === '' && !variable.startsWith('QDRANT_'))) return undefined;
  return { name: variable, value };
}

function display(variable: Variable, value: string): string {
  if (settings[variable].secret) return '(not shown)';
  return shown(variable.endsWith('_URL') ? hideUrlSecrets(value) : value);
}

// Kubernetes sets these in every pod beside a service named "qdrant"; they are nobody's typing error.
const serviceLink =
  /^QDRANT_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

function unknownVariables(env: Environment): ConfigProblem[] {
  const known = variables.filter((variable) => variable.startsWith('QDRANT_'));
  return Object.keys(env)
    .filter((name) => name.startsWith('QDRANT_') && !(name in settings) && !serviceLink.test(name))
    .slice(0, 10)
    .map((variable) => ({
      variable,
      // Its value stays out: it may be a misspelt key.
      value: 'an unknown variable',
      allowed: known.join(', '),
    }));
}

/** The problem of a variable with what was given for it, and what is allowed instead. */
export function problemOf(parsed: Parsed, variable: Variable, allowed: string): ConfigProblem {
  const given = parsed.given.get(variable);
  return { variable: given?.name ?? variable, value: given?.display ?? 'nothing', allowed };
}
