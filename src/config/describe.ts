import { type Environment, type Flags, parseValues } from './parse.js';
import { flagOf, settings, type Variable, variables } from './settings.js';

/** One variable with the value in force, as it may be shown. */
export interface ShownSetting {
  readonly variable: Variable;
  readonly value: string;
  /** "default", or the name of what set it. */
  readonly source: string;
}

/** Every variable, its value in force, and where that came from. Secrets are not in it. */
export function describeValues(env: Environment, flags: Flags): ShownSetting[] {
  const { given } = parseValues(env, flags);
  return variables.map((variable) => {
    const found = given.get(variable);
    const value = found?.display ?? settings[variable].defaultText ?? '(not set)';
    return { variable, value, source: found === undefined ? 'default' : found.name };
  });
}

/** The table of settings as Markdown, a heading and a table for each group. */
export function settingsMarkdown(): string {
  const groups = [...new Set(variables.map((variable) => settings[variable].group))];
  return groups.map(groupMarkdown).join('\n');
}

function groupMarkdown(group: string): string {
  const rows = variables
    .filter((variable) => settings[variable].group === group)
    .map((variable) => {
      const { defaultText, allowed, description } = settings[variable];
      const flag = flagOf(variable);
      const cells = [
        `\`${variable}\``,
        flag === undefined ? '' : `\`${flag}\``,
        defaultText === undefined ? '' : `\`${defaultText}\``,
        allowed,
        description,
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    });
  const head = '| Variable | Flag | Default | Allowed | Meaning |\n|---|---|---|---|---|';
  return `## ${group}\n\n${head}\n${rows.join('\n')}\n`;
}
