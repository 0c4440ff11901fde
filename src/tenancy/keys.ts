import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../errors/index.js';
import { type KnownKey, parseKeyFile } from './key-file.js';
import type { Principal } from './principal.js';

/**
 * The keyring of a key file's text, `{"keys":[{"name","sha256","tenants","scopes"}]}`: `sha256` is the SHA-256 of a key
 * in 64 hex digits, `tenants` a list of tenant ids or "*", `scopes` some of read, write, admin. `source` is the file's
 * name, for the error. Throws KeyFileError.
 */
export function loadKeyring(json: string, source: string): Keyring {
  return new Keyring(parseKeyFile(json, source));
}

/** The keys that callers may present. Only their hashes are held. */
export class Keyring {
  readonly #byDigest: ReadonlyMap<string, KnownKey>;

  constructor(keys: readonly KnownKey[]) {
    this.#byDigest = new Map(keys.map((key) => [key.digest.toString('hex'), key]));
  }

  /** How many keys are known. */
  get size(): number {
    return this.#byDigest.size;
  }

  /**
   * Who calls, from all values of the metadata `authorization`. Throws CREDENTIAL_MISSING or CREDENTIAL_INVALID; the
   * texts never hold what the caller sent.
   */
  authenticate(authorizationValues: readonly (string | Buffer)[]): Principal {
    const digest = createHash('sha256').update(readBearer(authorizationValues)).digest();
    // Looking up a hash tells an attacker's clock nothing of the key: near misses have unrelated hashes.
    const known = this.#byDigest.get(digest.toString('hex'));
    if (known === undefined || !timingSafeEqual(known.digest, digest)) {
      throw new GatewayError('CREDENTIAL_INVALID', 'the key in metadata "authorization" is not known');
    }
    return known.principal;
  }
}

const maxAuthorizationBytes = 4096;
const hint = "(grpcurl: -H 'authorization: Bearer KEY')";

function readBearer(values: readonly (string | Buffer)[]): string {
  const value = values[0];
  if (value === undefined || (values.length === 1 && value.length === 0)) {
    const state = value === undefined ? 'is missing' : 'is empty';
    throw new GatewayError('CREDENTIAL_MISSING', `metadata "authorization" ${state} ${hint}`);
  }
  if (values.length > 1 || typeof value !== 'string') {
    throw invalid('must be given once, as text');
  }
  // Metadata is one byte a character; anything else fails the pattern below.
  if (value.length > maxAuthorizationBytes) throw invalid(`has more than ${maxAuthorizationBytes} bytes`);
  // No comma in a key: two headers joined on the way ("Bearer a, Bearer b") must not pass for one.
  const key = /^bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(value)?.[1];
  if (key === undefined) throw invalid(`must be one "Bearer KEY" ${hint}`);
  return key;
}

function invalid(problem: string): GatewayError {
  return new GatewayError('CREDENTIAL_INVALID', `metadata "authorization" ${problem}`);
}
