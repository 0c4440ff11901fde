import { z } from 'zod';

/** What one variable means: the row that --help, the documentation and the parser share. */
export interface Setting<T> {
  readonly group: string;
  /** Shown in --help; undefined when nothing is set by default. */
  readonly defaultText: string | undefined;
  /** Completes the sentence "allowed: …". */
  readonly allowed: string;
  readonly description: string;
  /** Never printed, and without a flag: arguments are visible to every user of the machine. */
  readonly secret: boolean;
  /** The flag takes no value. */
  readonly isSwitch: boolean;
  readonly schema: z.ZodType<T, string | undefined>;
}

type Row<T> = Pick<Setting<T>, 'group' | 'description'>;

function setting<T>(
  row: Row<T>,
  rest: Pick<Setting<T>, 'defaultText' | 'allowed' | 'schema'> & Partial<Setting<T>>,
): Setting<T> {
  return { secret: false, isSwitch: false, ...row, ...rest };
}

/** A whole number; `unit` is said in the text only. */
export function whole(
  fallback: number,
  min: number,
  max: number,
  row: Row<number>,
  unit = '',
): Setting<number> {
  return setting(row, {
    defaultText: String(fallback),
    allowed: `a whole number${unit === '' ? '' : ` of ${unit}`} from ${min} to ${max}`,
    schema: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .pipe(z.number().min(min).max(max))
      .optional()
      .transform((value) => value ?? fallback),
  });
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A size: "1048576", "64KiB", "32MiB", "1GiB". */
export function bytes(fallback: string, min: string, max: string, row: Row<number>): Setting<number> {
  return setting(row, {
    defaultText: fallback,
    allowed: `a size from ${min} to ${max}, such as 65536, 64KiB or 1MiB`,
    schema: z
      .string()
      .regex(/^\d{1,12}(KiB|MiB|GiB)?$/)
      .transform(toBytes)
      .pipe(z.number().min(toBytes(min)).max(toBytes(max)))
      .optional()
      .transform((value) => value ?? toBytes(fallback)),
  });
}

function toBytes(text: string): number {
  const digits = Number.parseInt(text, 10);
  return digits * (unitBytes[text.slice(String(digits).length)] ?? Number.NaN);
}

/** One word of a list. */
export function choice<const T extends string>(fallback: T, words: readonly T[], row: Row<T>): Setting<T> {
  return setting<T>(row, {
    defaultText: fallback,
    allowed: words.join(', '),
    schema: z
      .enum(words)
      .optional()
      .transform((value) => value ?? fallback),
  });
}

/** True or false; its flag takes no value. */
export function toggle(row: Row<boolean>): Setting<boolean> {
  return setting(row, {
    defaultText: 'false',
    allowed: 'true, false',
    isSwitch: true,
    schema: z
      .enum(['true', 'false', '1', '0'])
      .optional()
      .transform((value) => value === 'true' || value === '1'),
  });
}

interface TextRules {
  readonly allowed: string;
  readonly pattern?: RegExp;
  readonly secret?: boolean;
}

const anyLine = /^[^\p{Cc}]{1,4096}$/u;

/** A line of text with a default. */
export function text(fallback: string, rules: TextRules, row: Row<string>): Setting<string> {
  return setting(row, {
    defaultText: fallback,
    allowed: rules.allowed,
    schema: z
      .string()
      .regex(rules.pattern ?? anyLine)
      .optional()
      .transform((value) => value ?? fallback),
  });
}

/** A line of text that may be left out. */
export function optionalText(rules: TextRules, row: Row<string | undefined>): Setting<string | undefined> {
  return setting<string | undefined>(row, {
    defaultText: undefined,
    allowed: rules.allowed,
    secret: rules.secret ?? false,
    schema: z
      .string()
      .regex(rules.pattern ?? anyLine)
      .optional(),
  });
}

/** The path of a file that exists; whether it does is checked when all values are known. */
export function optionalFile(row: Row<string | undefined>): Setting<string | undefined> {
  return optionalText({ allowed: 'the path of a file that can be read' }, row);
}
