import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const projectRoot = join(__dirname, '..', '..');

/** A command of the README and the JSON that is printed after it. */
export interface Recipe {
  /** Number and RPC, for the name of a test. */
  readonly title: string;
  readonly command: string;
  readonly output: unknown;
}

/** The `sh` blocks of the README, each with the `json` block that follows it before the next command. */
export function readRecipes(): Recipe[] {
  const text = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const recipes: { title: string; command: string; output: unknown }[] = [];
  for (const [, language, body = ''] of text.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)) {
    if (language === 'sh') {
      const rpc = /\/(\w+)\s*$/.exec(body.trim())?.[1] ?? 'no RPC';
      recipes.push({ title: `${recipes.length + 1} (${rpc})`, command: body, output: undefined });
    } else {
      const last = recipes.at(-1);
      if (last !== undefined) last.output = JSON.parse(body);
    }
  }
  return recipes;
}
