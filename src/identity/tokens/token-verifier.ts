import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { GatewayError } from '../../errors/index.js';
import type { Principal } from '../../tenancy/index.js';
import { type ClaimNames, principalOf } from './claims.js';
import type { Jose } from './jose.js';
import type { TokenKeys } from './key-sets.js';
import type { KeySource } from './key-source.js';

export interface TokenRules extends ClaimNames {
  readonly issuer: string;
  readonly audience: string;
  /** How far the clock of the issuer may be off. */
  readonly clockToleranceMs: number;
  /** A token that lives longer from now on is refused: nothing takes it back. */
  readonly maxLifetimeMs: number;
}

/** Whether a bearer credential has the form of a token. */
export function looksLikeToken(bearer: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(bearer);
}

/** Verifies tokens, and remembers those that were good until they expire or the keys change. */
export class TokenVerifier {
  readonly #jose: Jose;
  readonly #source: KeySource;
  readonly #rules: TokenRules;
  // By the hash of the token. A Map keeps the order of insertion: the oldest leaves first.
  readonly #verified = new Map<string, Principal>();
  #verifiedRevision = 0;
  #pending = 0;
  #waiting = 0;

  constructor(jose: Jose, source: KeySource, rules: TokenRules) {
    this.#jose = jose;
    this.#source = source;
    this.#rules = rules;
  }

  get revision(): number {
    return this.#source.revision;
  }

  /** Who the token is about; `fetches`: newer keys may be fetched for it. Throws or rejects with GatewayError. */
  verify(token: string, fetches: boolean): Principal | Promise<Principal> {
    if (this.#verifiedRevision !== this.#source.revision) {
      this.#verified.clear();
      this.#verifiedRevision = this.#source.revision;
    }
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.#verified.get(digest);
    if (known === undefined) return this.#verifyNew(token, digest, fetches);
    if (known.expiresAtMs > Date.now()) return known;
    this.#verified.delete(digest);
    throw expired();
  }

  close(): void {
    this.#source.close();
  }

  async #verifyNew(token: string, digest: string, fetches: boolean): Promise<Principal> {
    if (this.#pending >= maxPending) throw overloaded();
    this.#pending += 1;
    try {
      const revision = this.#source.revision;
      const principal = this.#judge(await this.#payloadOf(token, fetches));
      if (revision === this.#source.revision) this.#remember(digest, principal);
      return principal;
    } finally {
      this.#pending -= 1;
    }
  }

  async #payloadOf(token: string, fetches: boolean): Promise<JWTPayload> {
    const { JWKSNoMatchingKey } = this.#jose.errors;
    if (this.#source.keys === undefined && fetches) await this.#fetchKeys();
    try {
      return await this.#check(token, this.#source.keys);
    } catch (error) {
      // The issuer may have changed its keys since they were fetched.
      if (fetches && error instanceof JWKSNoMatchingKey && (await this.#fetchKeys())) {
        return await this.#check(token, this.#source.keys).catch(this.#refuse);
      }
      return this.#refuse(error);
    }
  }

  // Tokens with made-up keys must not take all the places of those that need no fetch.
  async #fetchKeys(): Promise<boolean> {
    if (this.#waiting >= maxWaiting) throw overloaded();
    this.#waiting += 1;
    try {
      return await this.#source.refresh();
    } finally {
      this.#waiting -= 1;
    }
  }

  async #check(token: string, keys: TokenKeys | undefined): Promise<JWTPayload> {
    if (keys === undefined) {
      const text = 'the keys that tokens are verified with are not available; retry later';
      throw new GatewayError('IDENTITY_UNAVAILABLE', text, { retryDelayMs: 5000 });
    }
    const { issuer, audience, clockToleranceMs } = this.#rules;
    const { payload } = await this.#jose.jwtVerify(token, keys.getKey, {
      algorithms: [...keys.algorithms],
      issuer,
      audience,
      clockTolerance: clockToleranceMs / 1000,
      requiredClaims: ['exp'],
    });
    return payload;
  }

  readonly #refuse = (error: unknown): never => {
    const { JWTExpired, JWTClaimValidationFailed, JOSEError } = this.#jose.errors;
    if (error instanceof JWTExpired) throw expired();
    if (error instanceof JWTClaimValidationFailed)
      throw invalid(`its claim "${error.claim}" is not accepted`);
    if (error instanceof JOSEError) throw invalid(refusals[error.code] ?? 'it is malformed');
    // A key that does not fit the algorithm, in texts of their own.
    if (error instanceof TypeError) throw invalid('its algorithm does not fit the key');
    throw error;
  };

  #judge(payload: JWTPayload): Principal {
    const { clockToleranceMs, maxLifetimeMs } = this.#rules;
    const expiresAtMs = Number(payload.exp) * 1000 + clockToleranceMs;
    if (expiresAtMs > Date.now() + maxLifetimeMs + 2 * clockToleranceMs) {
      throw invalid(`it lives longer than ${maxLifetimeMs} ms`);
    }
    return principalOf(payload, this.#rules, expiresAtMs);
  }

  #remember(digest: string, principal: Principal): void {
    const oldest = this.#verified.keys().next();
    if (this.#verified.size >= maxVerified && !oldest.done) this.#verified.delete(oldest.value);
    this.#verified.set(digest, principal);
  }
}

const refusals: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is wrong',
  ERR_JOSE_ALG_NOT_ALLOWED: 'its algorithm is not accepted',
  ERR_JWKS_NO_MATCHING_KEY: 'the key that it names is not known',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'it does not name its key ("kid"), and there are several',
};

function invalid(problem: string): GatewayError {
  return new GatewayError('CREDENTIAL_INVALID', `the token is refused: ${problem}`);
}

function expired(): GatewayError {
  return new GatewayError('CREDENTIAL_EXPIRED', 'the token has expired');
}

function overloaded(): GatewayError {
  return new GatewayError('OVERLOADED', 'too many tokens wait to be verified', { retryDelayMs: 1000 });
}

const maxVerified = 10_000;
const maxPending = 1_000;
const maxWaiting = 100;
