import { createHash } from 'node:crypto';
import type { Principal } from '../tenancy/index.js';
import { namingFile, refuse } from './identity-file-error.js';
import {
  parseJson,
  readList,
  readName,
  readObject,
  readScopes,
  readTenants,
  refuseRepeated,
} from './json-fields.js';

/** One key: the SHA-256 of its text (32 bytes), and who presents it. */
export interface KnownKey {
  /** As it stands in keys made by "keys create"; older entries have none. */
  readonly id: string | undefined;
  readonly digest: Buffer;
  readonly principal: Principal;
  /** Epoch ms. */
  readonly createdAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
}

/** Reads the text of a key file; `source` names it in errors. Throws IdentityFileError. */
export function parseKeyFile(json: string, source: string): KnownKey[] {
  return namingFile(source, () => {
    const { keys } = readObject(parseJson(json), '', ['keys']);
    // None at all is an answer too: the last key was taken out, and must not be accepted for want of a list.
    const entries = readList(keys, 'keys', 0, maxKeys).map((entry, index) =>
      readKey(entry, `keys[${index}]`),
    );
    refuseRepeated(
      'keys',
      'name',
      entries.map(({ principal }) => principal.name),
    );
    refuseRepeated(
      'keys',
      'id',
      entries.map(({ id }) => id),
    );
    refuseRepeated(
      'keys',
      'sha256',
      entries.map(({ digest }) => digest.toString('hex')),
    );
    return entries;
  });
}

const maxKeys = 10_000;
const hashOfNothing = createHash('sha256').digest('hex');
const needed = ['name', 'sha256', 'tenants', 'scopes'];
const optional = ['id', 'created', 'expires', 'revoked'];

function readKey(value: unknown, path: string): KnownKey {
  const entry = readObject(value, path, needed, optional);
  return {
    id: entry.id === undefined ? undefined : readId(entry.id, `${path}.id`),
    digest: readDigest(entry.sha256, `${path}.sha256`),
    principal: {
      name: readName(entry.name, `${path}.name`),
      tenants: readTenants(entry.tenants, `${path}.tenants`),
      scopes: readScopes(entry.scopes, `${path}.scopes`),
      expiresAtMs: readTime(entry.expires, `${path}.expires`) ?? Number.POSITIVE_INFINITY,
    },
    createdAtMs: readTime(entry.created, `${path}.created`),
    revokedAtMs: readTime(entry.revoked, `${path}.revoked`),
  };
}

function readId(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[a-z0-9]{1,32}$/.test(value)) return value;
  return refuse(path, 'must be 1 to 32 characters a-z and 0-9');
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

function readTime(value: unknown, path: string): number | undefined {
  if (value === undefined) return undefined;
  const atMs = typeof value === 'string' && timeForm.test(value) ? Date.parse(value) : Number.NaN;
  // An expiry that cannot be read must not pass for none.
  return Number.isNaN(atMs) ? refuse(path, 'must be a time such as "2027-01-31T00:00:00Z"') : atMs;
}

// With a zone: a time without one would mean another moment on another machine.
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
