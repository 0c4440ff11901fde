import { cleanText } from './clean-text.js';

/** Facts that go into a log line beside its message. */
export type LogFields = Readonly<Record<string, unknown>>;

const MAX_TEXT = 512;
const MAX_STACK = 4_096;
const MAX_DEPTH = 4;
const MAX_ENTRIES = 32;
const HIDDEN = '[hidden]';

const secretName =
  /^(authorization|proxy-authorization|cookie)$|api[-_]?key|password|passwd|secret|credential/i;
const secretText = /\b(Bearer|Basic)\s+[^\s"',;]+/gi;

/** A copy of `fields` that may be written: secrets hidden, text cleaned, depth and width bounded. */
export function cleanFields(fields: LogFields): Record<string, unknown> {
  return cleanObject(fields, 0);
}

/** One text of a log line: what looks like a credential is hidden, the rest cleaned and cut. */
export function cleanLogText(text: string, maxCodePoints = MAX_TEXT): string {
  return cleanText(text.slice(0, maxCodePoints * 4).replace(secretText, `$1 ${HIDDEN}`), maxCodePoints);
}

function cleanObject(fields: object, depth: number): Record<string, unknown> {
  // No prototype: a key such as __proto__ is then a key like any other.
  const clean: Record<string, unknown> = Object.create(null);
  const entries = Object.entries(fields);
  for (const [name, value] of entries.slice(0, MAX_ENTRIES)) {
    const key = cleanText(name, 64);
    clean[key] = secretName.test(name) && value !== undefined ? HIDDEN : cleanValue(value, depth + 1);
  }
  if (entries.length > MAX_ENTRIES) clean.more = entries.length - MAX_ENTRIES;
  return clean;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanLogText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return cleanError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ENTRIES).map((item) => cleanValue(item, depth + 1));
    return value.length > MAX_ENTRIES ? [...items, `${value.length - MAX_ENTRIES} more`] : items;
  }
  return cleanObject(value, depth);
}

function cleanError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: cleanLogText(error.name),
    message: cleanLogText(error.message),
    stack: error.stack === undefined ? undefined : cleanLogText(error.stack, MAX_STACK),
    cause: error.cause === undefined ? undefined : cleanValue(error.cause, depth + 1),
  };
}
