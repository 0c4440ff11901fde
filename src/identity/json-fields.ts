import { type AccessScope, isTenantId, type Principal } from '../tenancy/index.js';
import { refuse } from './identity-file-error.js';

// Readers of what files of identity have in common. Each throws IdentityFileError and repeats no value.

export const maxFileCharacters = 16 * 1024 * 1024;
const maxTenants = 10_000;
export const scopeNames: readonly AccessScope[] = ['read', 'write', 'admin'];

export function parseJson(json: string): unknown {
  if (json.length > maxFileCharacters) refuse('', `has more than ${maxFileCharacters} characters`);
  try {
    return JSON.parse(json);
  } catch (error) {
    // The parser's own text quotes the file, which may hold a key by mistake: only the position is told.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? undefined : json.slice(0, Number(position)).split('\n').length;
    return refuse('', line === undefined ? 'is not valid JSON' : `is not valid JSON (line ${line})`);
  }
}

export function readName(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(value)) return value;
  return refuse(path, "must be 1 to 64 characters A-Z, a-z, 0-9, '.', '_' and '-'");
}

export function readTenants(value: unknown, path: string): Principal['tenants'] {
  if (value === '*') return '*';
  const rule = "1 to 63 characters a-z, 0-9 and '-', beginning with a letter or digit";
  return readSet(readList(value, path, 1, maxTenants, '"*" or a list'), path, (item, at) => {
    if (typeof item === 'string' && isTenantId(item)) return item;
    const hint = item === '*' ? '; for every tenant write "tenants": "*"' : '';
    return refuse(at, `must be a tenant id: ${rule}${hint}`);
  });
}

export function readScopes(value: unknown, path: string): ReadonlySet<AccessScope> {
  return readSet(readList(value, path, 1, scopeNames.length), path, (item, at) => {
    const scope = scopeNames.find((name) => name === item);
    return scope ?? refuse(at, 'must be "read", "write" or "admin"');
  });
}

function readSet<T>(items: readonly unknown[], path: string, read: (item: unknown, at: string) => T): Set<T> {
  const found = new Set<T>();
  for (const [index, item] of items.entries()) {
    const at = `${path}[${index}]`;
    const value = read(item, at);
    if (found.has(value)) refuse(at, 'is given twice');
    found.add(value);
  }
  return found;
}

/** An object with these fields and no others: a misspelt "tenant" must not leave a key wider than was meant. */
export function readObject(
  value: unknown,
  path: string,
  needed: readonly string[],
  optional: readonly string[] = [],
): Record<string, unknown> {
  const known = [...needed, ...optional];
  const allowed = `allowed: ${known.join(', ')}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(path, `must be an object (${allowed})`);
  }
  const found = new Map<string, unknown>(Object.entries(value));
  for (const field of found.keys()) {
    // The name is quoted and cut: it may be anything, even a key that was pasted into the wrong place.
    if (!known.includes(field)) refuse(path, `has an unknown field ${quote(field)} (${allowed})`);
  }
  for (const field of needed)
    if (!found.has(field)) refuse(path, `lacks "${field}" (needed: ${needed.join(', ')})`);
  return Object.fromEntries(found);
}

export function readList(
  value: unknown,
  path: string,
  minItems: number,
  maxItems: number,
  what = 'a list',
): readonly unknown[] {
  if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) {
    const state = Array.isArray(value) ? `, not ${value.length}` : '';
    return refuse(path, `must be ${what} of ${minItems} to ${maxItems}${state}`);
  }
  return value;
}

export function refuseRepeated(list: string, field: string, values: readonly (string | undefined)[]): void {
  const firstIndex = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue;
    const first = firstIndex.get(value);
    if (first !== undefined) refuse(`${list}[${index}].${field}`, `is the same as that of ${list}[${first}]`);
    firstIndex.set(value, index);
  }
}

function quote(field: string): string {
  return /^[A-Za-z0-9_]{1,24}$/.test(field) ? `"${field}"` : `of ${field.length} characters`;
}
