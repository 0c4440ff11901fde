import { createHmac } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import type { MethodInfo } from './methods.js';
import { PlainMetadata } from './plain-metadata.js';

interface Minted {
  readonly metadata: Metadata;
  readonly renewAtMs: number;
}

/**
 * What calls to Qdrant prove themselves with: the operator's key, or, where tokens are minted, a short-lived token that
 * allows one collection only. Then a call that went to a wrong collection by a fault of ours would be refused there too.
 */
export class CallCredentials {
  /** The key itself, for calls about the whole of Qdrant. */
  readonly ofGateway: Metadata;
  readonly #key: string | undefined;
  readonly #mints: boolean;
  readonly #nowMs: () => number;
  // By access and collection. A Map keeps the order of insertion: the oldest leaves first.
  readonly #minted = new Map<string, Minted>();

  constructor(key: string | undefined, mints: boolean, nowMs: () => number = Date.now) {
    this.#key = key;
    this.#mints = mints;
    this.#nowMs = nowMs;
    this.ofGateway = key === undefined ? new PlainMetadata() : apiKey(key);
  }

  of(access: MethodInfo['access'], collection: string): Metadata {
    if (!this.#mints || this.#key === undefined || access === 'manage') return this.ofGateway;
    const name = `${access} ${collection}`;
    const known = this.#minted.get(name);
    if (known !== undefined && known.renewAtMs > this.#nowMs()) return known.metadata;
    this.#minted.delete(name);
    const oldest = this.#minted.keys().next();
    if (this.#minted.size >= maxMinted && !oldest.done) this.#minted.delete(oldest.value);
    const expiresAtSeconds = Math.floor((this.#nowMs() + lifeMs) / 1000);
    const token = sign({ exp: expiresAtSeconds, access: [{ collection, access }] }, this.#key);
    const metadata = apiKey(token);
    this.#minted.set(name, { metadata, renewAtMs: this.#nowMs() + lifeMs / 2 });
    return metadata;
  }

  /** What must show in no error of such a call. */
  secrets(access: MethodInfo['access'], collection: string): string[] {
    return [this.ofGateway, this.of(access, collection)].flatMap((metadata) =>
      metadata.get('api-key').map(String),
    );
  }
}

function apiKey(value: string): Metadata {
  const metadata = new PlainMetadata();
  metadata.set('api-key', value);
  return metadata;
}

/** A JSON Web Token with an HMAC over SHA-256 (RFC 7515), as Qdrant verifies it. */
function sign(claims: object, key: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

// A token is used for half of it, so that the clock of Qdrant may be off by the other half.
const lifeMs = 10 * 60_000;
const maxMinted = 10_000;
