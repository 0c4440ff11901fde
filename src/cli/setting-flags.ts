import { type Command, Option } from 'commander';
import { type Flags, flagOf, settings, type Variable, variables } from '../config/index.js';

/** Adds a flag for every setting of the gateway that is no secret. */
export function addSettingFlags(command: Command): Command {
  for (const variable of variables) addSettingFlag(command, variable);
  return command;
}

/** The settings given as flags, before or behind the command's name. */
export function readSettingFlags(command: Command): Flags {
  const options: Record<string, unknown> = command.optsWithGlobals();
  const flags: Partial<Record<Variable, string | boolean>> = {};
  for (const variable of variables) {
    const value = options[attributeOf(variable)];
    if (typeof value === 'string' || typeof value === 'boolean') flags[variable] = value;
  }
  return flags;
}

/** Adds the flag of one setting, unless it is a secret. */
export function addSettingFlag(command: Command, variable: Variable): Command {
  const { group, defaultText, allowed, description, isSwitch } = settings[variable];
  const flag = flagOf(variable);
  if (flag === undefined) return command;
  const standard = isSwitch || defaultText === undefined ? '' : `, default ${defaultText}`;
  const range = isSwitch ? '' : ` Allowed: ${allowed}.`;
  const option = new Option(
    isSwitch ? flag : `${flag} <value>`,
    `${description}${range} (${variable}${standard})`,
  );
  return command.addOption(option.helpGroup(`${group}:`));
}

/** The name commander gives to the value of a flag: DATA_DIR → dataDir. */
function attributeOf(variable: Variable): string {
  return variable.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
