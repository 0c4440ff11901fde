import { createHash } from 'node:crypto';
import { isTenantId } from './names.js';
import type { Principal } from './principal.js';
import type { AccessScope } from './scope.js';

/** The key file cannot be used. The text says which entry, which field and what is allowed; it repeats no value. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** One key: the SHA-256 of its text (32 bytes), and who presents it. */
export interface KnownKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** Reads the text of a key file; `source` names it in errors. Throws KeyFileError. */
export function parseKeyFile(json: string, source: string): KnownKey[] {
  try {
    if (json.length > maxFileCharacters) refuse('', `has more than ${maxFileCharacters} characters`);
    const { keys } = readObject(parseJson(json), '', ['keys']);
    const entries = readList(keys, 'keys', maxKeys).map((entry, index) => readKey(entry, `keys[${index}]`));
    refuseRepeated(entries, (entry) => entry.principal.name, 'name');
    refuseRepeated(entries, (entry) => entry.digest.toString('hex'), 'sha256');
    return entries;
  } catch (error) {
    throw error instanceof KeyFileError ? new KeyFileError(`${source}: ${error.message}`) : error;
  }
}

const maxFileCharacters = 16 * 1024 * 1024;
const maxKeys = 10_000;
const maxTenants = 10_000;
const scopeNames: readonly AccessScope[] = ['read', 'write', 'admin'];
const hashOfNothing = createHash('sha256').digest('hex');

function readKey(value: unknown, path: string): KnownKey {
  const entry = readObject(value, path, ['name', 'sha256', 'tenants', 'scopes']);
  return {
    digest: readDigest(entry.sha256, `${path}.sha256`),
    principal: {
      name: readName(entry.name, `${path}.name`),
      tenants: readTenants(entry.tenants, `${path}.tenants`),
      scopes: readScopes(entry.scopes, `${path}.scopes`),
    },
  };
}

function readName(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(value)) return value;
  return refuse(path, "must be 1 to 64 characters A-Z, a-z, 0-9, '.', '_' and '-'");
}

function readDigest(value: unknown, path: string): Buffer {
  if (typeof value !== 'string' || !/^[0-9a-fA-F]{64}$/.test(value)) {
    return refuse(path, `must be 64 hex digits, the SHA-256 of the key (printf %s "$KEY" | sha256sum)`);
  }
  // What an unset shell variable gives: nobody means it.
  if (value.toLowerCase() === hashOfNothing) {
    refuse(path, 'is the SHA-256 of nothing (was the variable with the key empty?)');
  }
  return Buffer.from(value, 'hex');
}

function readTenants(value: unknown, path: string): Principal['tenants'] {
  if (value === '*') return '*';
  const rule = "1 to 63 characters a-z, 0-9 and '-', beginning with a letter or digit";
  return readSet(readList(value, path, maxTenants, '"*" or a list'), path, (item, at) => {
    if (typeof item === 'string' && isTenantId(item)) return item;
    const hint = item === '*' ? '; for every tenant write "tenants": "*"' : '';
    return refuse(at, `must be a tenant id: ${rule}${hint}`);
  });
}

function readScopes(value: unknown, path: string): ReadonlySet<AccessScope> {
  return readSet(readList(value, path, scopeNames.length), path, (item, at) => {
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

/** An object with exactly these fields: a misspelt "tenant" must not leave a key wider than was meant. */
function readObject(value: unknown, path: string, fields: readonly string[]): Record<string, unknown> {
  const allowed = `allowed: ${fields.join(', ')}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(path, `must be an object (${allowed})`);
  }
  const found = new Map<string, unknown>(Object.entries(value));
  for (const field of found.keys()) {
    // The name is quoted and cut: it may be anything, even a key that was pasted into the wrong place.
    if (!fields.includes(field)) refuse(path, `has an unknown field ${quote(field)} (${allowed})`);
  }
  for (const field of fields)
    if (!found.has(field)) refuse(path, `lacks "${field}" (needed: ${fields.join(', ')})`);
  return Object.fromEntries(found);
}

function readList(value: unknown, path: string, maxItems: number, what = 'a list'): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxItems) {
    const state = Array.isArray(value) ? `, not ${value.length}` : '';
    return refuse(path, `must be ${what} of 1 to ${maxItems}${state}`);
  }
  return value;
}

function refuseRepeated(
  entries: readonly KnownKey[],
  identity: (entry: KnownKey) => string,
  field: string,
): void {
  const firstIndex = new Map<string, number>();
  entries.forEach((entry, index) => {
    const first = firstIndex.get(identity(entry));
    if (first !== undefined) refuse(`keys[${index}].${field}`, `is the same as that of keys[${first}]`);
    firstIndex.set(identity(entry), index);
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    // The parser's own text quotes the file, which may hold a key by mistake: only the position is told.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? undefined : json.slice(0, Number(position)).split('\n').length;
    return refuse('', line === undefined ? 'is not valid JSON' : `is not valid JSON (line ${line})`);
  }
}

function quote(field: string): string {
  return /^[A-Za-z0-9_]{1,24}$/.test(field) ? `"${field}"` : `of ${field.length} characters`;
}

function refuse(path: string, problem: string): never {
  throw new KeyFileError(path === '' ? `the file ${problem}` : `${path} ${problem}`);
}
