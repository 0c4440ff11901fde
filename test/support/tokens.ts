import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A pair of keys of an issuer, and its public half as it stands in a key set. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

export function makeIssuerKey(alg: 'RS256' | 'ES256', kid: string): IssuerKey {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, publicKey, jwk };
}

export function keySetText(...keys: readonly IssuerKey[]): string {
  return JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
}

export const issuer = 'https://issuer.example';
export const audience = 'vector-gateway';

/** Claims of a good token for tenant 7 with the scopes read and write; `more` replaces some, undefined leaves out. */
export function claimsOf(more: Record<string, unknown> = {}): Record<string, unknown> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: audience,
    sub: 'reader',
    exp: nowSeconds + 600,
    tenants: ['7'],
    scope: 'openid read write',
    ...more,
  };
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Made by hand, so that it can be made wrong. */
export function tokenOf(
  claims: Record<string, unknown>,
  header: Record<string, unknown>,
  sign: (text: string) => Buffer,
): string {
  const text = `${part({ typ: 'JWT', ...header })}.${part(claims)}`;
  return `${text}.${sign(text).toString('base64url')}`;
}

export function signedBy(key: IssuerKey, claims = claimsOf(), header: Record<string, unknown> = {}): string {
  const dsaEncoding = 'ieee-p1363';
  return tokenOf(claims, { alg: key.alg, kid: key.kid, ...header }, (text) =>
    createSign('sha256')
      .update(text)
      .sign(key.alg === 'ES256' ? { key: key.privateKey, dsaEncoding } : key.privateKey),
  );
}

export function signedWith(secret: string | Buffer, claims = claimsOf(), header = {}): string {
  return tokenOf(claims, { alg: 'HS256', ...header }, (text) =>
    createHmac('sha256', secret).update(text).digest(),
  );
}
