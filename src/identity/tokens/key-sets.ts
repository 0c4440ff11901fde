import { createPublicKey } from 'node:crypto';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { namingFile, refuse } from '../identity-file-error.js';
import { parseJson, readList } from '../json-fields.js';
import type { Jose } from './jose.js';

/** Keys that tokens are verified with. What they are says which algorithms may be used with them, not the token. */
export interface TokenKeys {
  readonly algorithms: readonly string[];
  readonly getKey: JWTVerifyGetKey;
  /** For people: "HS256", or "3 public keys". */
  readonly description: string;
}

/** A shared secret as it stands in a file, but for a line end behind it. Throws IdentityFileError. */
export function secretKeys(text: string, source: string): TokenKeys {
  const secret = Buffer.from(text.replace(/\r?\n$/, ''), 'utf8');
  namingFile(source, () => {
    if (secret.length < minSecretBytes) {
      refuse('', `must hold a secret of at least ${minSecretBytes} bytes (openssl rand -base64 48)`);
    }
  });
  return { algorithms: ['HS256'], getKey: async () => secret, description: 'a shared secret' };
}

/** A JSON Web Key Set of public keys. Throws IdentityFileError. */
export function publicKeys(jose: Jose, text: string, source: string): TokenKeys {
  return namingFile(source, () => {
    const set = readKeySet(text);
    return {
      algorithms: ['RS256', 'ES256'],
      getKey: jose.createLocalJWKSet(set),
      description: `${set.keys.length} public keys`,
    };
  });
}

function readKeySet(text: string): JSONWebKeySet {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || !('keys' in value)) return refuse('', 'lacks "keys"');
  readList(value.keys, 'keys', 0, maxKeys).forEach((key, index) => {
    checkPublic(key, `keys[${index}]`);
  });
  // Each key was looked at above.
  return value as JSONWebKeySet;
}

function checkPublic(key: unknown, path: string): void {
  if (typeof key !== 'object' || key === null || !('kty' in key) || typeof key.kty !== 'string') {
    throw refuse(path, 'must be a JSON Web Key, with "kty"');
  }
  // A set is often open to everybody; who has such a key can make tokens.
  if (key.kty === 'oct' || 'd' in key || 'k' in key)
    refuse(path, 'is a secret: only public keys belong here');
  if (key.kty !== 'RSA' && key.kty !== 'EC') return;
  try {
    createPublicKey({ key: { ...key, kty: key.kty }, format: 'jwk' });
  } catch {
    refuse(path, `is not a public key of the kind ${key.kty}`);
  }
}

// As many as the hash has (RFC 7518, section 3.2).
const minSecretBytes = 32;
const maxKeys = 100;
