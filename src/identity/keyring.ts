import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../errors/index.js';
import type { Principal } from '../tenancy/index.js';
import { type KnownKey, parseKeyFile } from './key-file.js';

/**
 * The keyring of a key file's text, `{"keys":[{"name","sha256","tenants","scopes"}]}`: `sha256` is the SHA-256 of a key
 * in 64 hex digits, `tenants` a list of tenant ids or "*", `scopes` some of read, write, admin. Optional are `id`, and
 * the times `created`, `expires` and `revoked`. `source` is the file's name, for the error. Throws IdentityFileError.
 */
export function loadKeyring(json: string, source: string): Keyring {
  return new Keyring(parseKeyFile(json, source));
}

/** The keys that callers may present. Only their hashes are held. */
export class Keyring {
  readonly keys: readonly KnownKey[];
  readonly #byDigest: ReadonlyMap<string, KnownKey>;

  constructor(keys: readonly KnownKey[]) {
    this.keys = keys;
    this.#byDigest = new Map(keys.map((key) => [key.digest.toString('hex'), key]));
  }

  /** How many keys are accepted now. */
  get size(): number {
    return this.keys.filter((key) => isInForce(key, Date.now())).length;
  }

  /** Who presents this key; undefined when it is not known. Throws CREDENTIAL_REVOKED or CREDENTIAL_EXPIRED. */
  find(key: string): Principal | undefined {
    const digest = createHash('sha256').update(key).digest();
    // Looking up a hash tells an attacker's clock nothing of the key: near misses have unrelated hashes.
    const known = this.#byDigest.get(digest.toString('hex'));
    if (known === undefined || !timingSafeEqual(known.digest, digest)) return undefined;
    if (known.revokedAtMs !== undefined) throw new GatewayError('CREDENTIAL_REVOKED', 'the key is revoked');
    if (known.principal.expiresAtMs <= Date.now()) {
      throw new GatewayError('CREDENTIAL_EXPIRED', 'the key has expired');
    }
    return known.principal;
  }
}

/** Whether the key is accepted: neither revoked nor expired. */
export function isInForce({ revokedAtMs, principal }: KnownKey, nowMs: number): boolean {
  return revokedAtMs === undefined && principal.expiresAtMs > nowMs;
}
