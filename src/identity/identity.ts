import type { PeerCertificate } from 'node:tls';
import { GatewayError } from '../errors/index.js';
import type { Principal } from '../tenancy/index.js';
import { credentialMissing, readBearer } from './bearer.js';
import type { ClientCertificates } from './client-certificates.js';
import type { FailedAttempts } from './failed-attempts.js';
import { isMadeKey } from './key-form.js';
import type { Keyring } from './keyring.js';
import type { Live } from './live-file.js';
import { narrower } from './principals.js';
import { looksLikeToken, type TokenVerifier } from './tokens/token-verifier.js';

/** What a caller shows. */
export interface Presented {
  /** All values of the metadata `authorization`. */
  readonly authorization: readonly (string | Buffer)[];
  /** Of its connection, when a trusted authority signed it. */
  readonly certificate: PeerCertificate | undefined;
}

/** Tells who calls. What it throws, or rejects with, is a GatewayError. */
export interface Authenticator {
  /** Without it certificates need not be read. */
  readonly usesCertificates: boolean;
  /** Grows when what was accepted before may not be any more; undefined where that never happens. */
  readonly revision: number | undefined;
  /** Who calls from this address; failures are counted, and limited. */
  authenticate(presented: Presented, address: string): Principal | Promise<Principal>;
  /** The same of a call that was let in before. */
  recheck(presented: Presented): Principal | Promise<Principal>;
}

export interface IdentityParts {
  readonly keys?: Live<Keyring> | undefined;
  readonly tokens?: TokenVerifier | undefined;
  readonly certificates?: Live<ClientCertificates> | undefined;
  /** Undefined: attempts are not limited. */
  readonly attempts?: FailedAttempts | undefined;
}

/** All kinds of credentials. One that is shown must be good, also when another one is; both together narrow each other. */
export class Identity implements Authenticator {
  readonly #parts: IdentityParts;

  constructor(parts: IdentityParts) {
    this.#parts = parts;
  }

  get usesCertificates(): boolean {
    return this.#parts.certificates !== undefined;
  }

  get revision(): number {
    const { keys, tokens, certificates } = this.#parts;
    return (keys?.revision ?? 0) + (tokens?.revision ?? 0) + (certificates?.revision ?? 0);
  }

  authenticate(presented: Presented, address: string): Principal | Promise<Principal> {
    try {
      const found = this.#identify(presented, true);
      if (!(found instanceof Promise)) return this.#admit(found, presented, address);
      return found.then(
        (principal) => this.#admit(principal, presented, address),
        (error: unknown) => this.#fail(error, address),
      );
    } catch (error) {
      return this.#fail(error, address);
    }
  }

  recheck(presented: Presented): Principal | Promise<Principal> {
    // Who looks at many calls does not wait for others: the keys were fetched when they changed.
    return this.#identify(presented, false);
  }

  close(): void {
    this.#parts.keys?.close();
    this.#parts.tokens?.close();
    this.#parts.certificates?.close();
  }

  #identify({ authorization, certificate }: Presented, fetches: boolean): Principal | Promise<Principal> {
    const certified = certificate && this.#parts.certificates?.value.find(certificate);
    const bearer = readBearer(authorization);
    if (bearer === undefined) return certified ?? this.#missing(authorization);
    const found = this.#find(bearer, fetches);
    if (certified === undefined) return found;
    return found instanceof Promise
      ? found.then((principal) => narrower(principal, certified))
      : narrower(found, certified);
  }

  #find(bearer: string, fetches: boolean): Principal | Promise<Principal> {
    const { keys, tokens } = this.#parts;
    const known = keys?.value.find(bearer);
    if (known !== undefined) return known;
    if (tokens !== undefined && looksLikeToken(bearer)) return tokens.verify(bearer, fetches);
    throw new GatewayError('CREDENTIAL_INVALID', 'the key in metadata "authorization" is not known');
  }

  #missing(authorization: Presented['authorization']): never {
    const { keys, tokens } = this.#parts;
    if (keys !== undefined || tokens !== undefined) throw credentialMissing(authorization);
    throw new GatewayError('CREDENTIAL_MISSING', 'a client certificate is asked for, and none was shown');
  }

  // A key that somebody chose may be guessed. From a peer that fails too often a right guess looks like a wrong one,
  // but to those that came from there before: services behind one proxy are not locked out by their neighbour.
  #admit(principal: Principal, { authorization }: Presented, address: string): Principal {
    const { attempts } = this.#parts;
    if (attempts === undefined || !isGuessable(authorization)) return principal;
    const delayMs = attempts.delayMs(address);
    if (delayMs > 0 && !attempts.knows(address, principal.name)) throw tooManyFailures(delayMs);
    attempts.remember(address, principal.name);
    return principal;
  }

  #fail(error: unknown, address: string): never {
    const { attempts } = this.#parts;
    const isGuess = error instanceof GatewayError && error.reason === 'CREDENTIAL_INVALID';
    if (attempts === undefined || !isGuess) throw error;
    const delayMs = attempts.delayMs(address);
    if (delayMs > 0) throw tooManyFailures(delayMs);
    attempts.count(address);
    throw error;
  }
}

function isGuessable(authorization: Presented['authorization']): boolean {
  const bearer = readBearer(authorization);
  return bearer !== undefined && !isMadeKey(bearer) && !looksLikeToken(bearer);
}

function tooManyFailures(retryDelayMs: number): GatewayError {
  return new GatewayError('RATE_LIMITED', 'too many calls from this address had no good credential', {
    retryDelayMs,
  });
}
