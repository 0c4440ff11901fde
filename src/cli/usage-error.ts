/** The command line, or what it names, is wrong: exit code 2. The message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command could not be done: exit code 1. The message is one line for people. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
