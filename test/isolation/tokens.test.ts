import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  audience,
  claimsOf,
  issuer,
  keySetText,
  makeIssuerKey,
  signedBy,
  signedWith,
  tokenOf,
} from '../support/tokens.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { cases } from './rpcs.js';
import { everythingIn } from './transcript.js';

const rsa = makeIssuerKey('RS256', 'rsa-1');
const ec = makeIssuerKey('ES256', 'ec-1');
const strange = makeIssuerKey('RS256', 'rsa-1');
const secret = 'a shared secret of more than 32 bytes';
const identity = { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, AUTH_FAILURES_PER_MINUTE: '0' };

const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-tokens-'));
const setFile = join(folder, 'keys.jwks');
const secretFile = join(folder, 'secret');
writeFileSync(setFile, keySetText(rsa, ec));
writeFileSync(secretFile, `${secret}\n`);

let bySet: Ground;
let bySecret: Ground;
beforeAll(async () => {
  bySet = await startGround({ env: { ...identity, JWT_JWKS_FILE: setFile } });
  bySecret = await startGround({ env: { ...identity, JWT_SECRET_FILE: secretFile } });
});
afterAll(async () => {
  await bySet.close();
  await bySecret.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  for (const { peer } of [bySet, bySecret]) onlyCollection(peer, 'company_7_docs');
});

const search = cases.find(({ name }) => name === 'PointsService/SearchPoints') ?? fail();
const bearer = (token: string) => ['authorization', `Bearer ${token}`] as const;

test.each([
  ['RS256', () => bySet, () => signedBy(rsa)],
  ['ES256', () => bySet, () => signedBy(ec)],
  ['HS256', () => bySecret, () => signedWith(secret)],
  [
    'RS256, without a kid where one key fits',
    () => bySet,
    () => signedBy(rsa, claimsOf(), { kid: undefined }),
  ],
  ['a list of audiences', () => bySet, () => signedBy(rsa, claimsOf({ aud: ['other', audience] }))],
  ['a tenant as a number', () => bySet, () => signedBy(rsa, claimsOf({ tenants: 7 }))],
  ['every tenant', () => bySet, () => signedBy(rsa, claimsOf({ tenants: '*' }))],
  ['scopes in a list', () => bySet, () => signedBy(rsa, claimsOf({ scope: ['read', 'email'] }))],
])('a token is accepted: %s', async (_name, ground, token) => {
  const first = await ground().as('7', search, search.request('docs'), bearer(token()));
  expect([first.code, first.message]).toEqual([0, 'OK']);
});

const nowSeconds = Math.floor(Date.now() / 1000);
// The public key as an attacker has it, taken for a shared secret.
const publicPem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
const unsigned = () => Buffer.alloc(0);

test.each<[string, () => Ground, () => string, string]>([
  ['signed by another key of the same name', () => bySet, () => signedBy(strange), 'its signature is wrong'],
  ['signed by an unknown key', () => bySet, () => signedBy({ ...rsa, kid: 'rsa-2' }), 'not known'],
  ['with its claims changed', () => bySet, () => swapClaims(signedBy(rsa)), 'its signature is wrong'],
  [
    'with its signature cut off',
    () => bySet,
    () => signedBy(rsa).replace(/[^.]*$/, ''),
    'its signature is wrong',
  ],
  ['with alg none', () => bySet, () => tokenOf(claimsOf(), { alg: 'none' }, unsigned), 'algorithm'],
  [
    'with alg None',
    () => bySet,
    () => tokenOf(claimsOf(), { alg: 'None', kid: 'rsa-1' }, unsigned),
    'algorithm',
  ],
  [
    'signed with the public key as a secret',
    () => bySet,
    () => signedWith(publicPem, claimsOf(), { kid: 'rsa-1' }),
    'its algorithm is not accepted',
  ],
  [
    'signed by RS256 where a secret is shared',
    () => bySecret,
    () => signedBy(rsa),
    'its algorithm is not accepted',
  ],
  ['signed with another secret', () => bySecret, () => signedWith(`${secret}!`), 'its signature is wrong'],
  [
    'with a key of its own inside',
    () => bySet,
    () => signedBy(strange, claimsOf(), { jwk: strange.jwk, kid: undefined }),
    'its signature is wrong',
  ],
  [
    'with an unknown critical header',
    () => bySet,
    () => signedBy(rsa, claimsOf(), { crit: ['x'], x: 1 }),
    '',
  ],
  ['for another audience', () => bySet, () => signedBy(rsa, claimsOf({ aud: 'other' })), 'claim "aud"'],
  ['without an audience', () => bySet, () => signedBy(rsa, claimsOf({ aud: undefined })), 'claim "aud"'],
  ['of another issuer', () => bySet, () => signedBy(rsa, claimsOf({ iss: 'https://evil' })), 'claim "iss"'],
  [
    'without an issuer',
    () => bySecret,
    () => signedWith(secret, claimsOf({ iss: undefined })),
    'claim "iss"',
  ],
  ['without an end', () => bySet, () => signedBy(rsa, claimsOf({ exp: undefined })), 'claim "exp"'],
  [
    'with an end that is no number',
    () => bySet,
    () => signedBy(rsa, claimsOf({ exp: 'never' })),
    'claim "exp"',
  ],
  ['before it begins', () => bySet, () => signedBy(rsa, claimsOf({ nbf: nowSeconds + 300 })), 'claim "nbf"'],
  [
    'that lives for years',
    () => bySet,
    () => signedBy(rsa, claimsOf({ exp: nowSeconds + 1e8 })),
    'lives longer',
  ],
  [
    'with tenants that are none',
    () => bySet,
    () => signedBy(rsa, claimsOf({ tenants: ['7', '../8'] })),
    'claim "tenants"',
  ],
  ['with "*" in a list', () => bySet, () => signedBy(rsa, claimsOf({ tenants: ['*'] })), 'claim "tenants"'],
  [
    'with scopes in an object',
    () => bySet,
    () => signedBy(rsa, claimsOf({ scope: { read: true } })),
    'claim "scope"',
  ],
])('a token is refused %s', async (_name, ground, token, text) => {
  const outcome = await ground().as('7', search, Buffer.from([0xff]), bearer(token()));
  expect([outcome.code, outcome.error?.reason]).toEqual([16, 'CREDENTIAL_INVALID']);
  expect(outcome.message).toContain(text);
  expect(everythingIn(outcome)).not.toContain(token().slice(0, 30));
  expect(ground().peer.calls).toEqual([]);
});

test('a token that has expired says so; within the tolerance it has not', async () => {
  const late = await bySet.as(
    '7',
    search,
    search.request('docs'),
    bearer(signedBy(rsa, claimsOf({ exp: nowSeconds - 60 }))),
  );
  expect([late.code, late.error?.reason]).toEqual([16, 'CREDENTIAL_EXPIRED']);
  const justLate = claimsOf({ exp: Math.floor(Date.now() / 1000) - 1 });
  expect((await bySet.as('7', search, search.request('docs'), bearer(signedBy(rsa, justLate)))).code).toBe(0);
});

test.each([
  ['another tenant', { tenants: ['8', '70'] }, 'TENANT_FORBIDDEN'],
  ['no tenant', { tenants: undefined }, 'TENANT_FORBIDDEN'],
  ['an empty list of tenants', { tenants: [] }, 'TENANT_FORBIDDEN'],
  ['scopes of others', { scope: 'openid profile reader' }, 'SCOPE_FORBIDDEN'],
  ['no scope', { scope: undefined }, 'SCOPE_FORBIDDEN'],
  ['another scope', { scope: 'write admin' }, 'SCOPE_FORBIDDEN'],
])('a token with %s is not allowed', async (_name, claims, reason) => {
  const token = signedBy(rsa, claimsOf(claims));
  const outcome = await bySet.as('7', search, search.request('docs'), bearer(token));
  expect([outcome.code, outcome.error?.reason]).toEqual([7, reason]);
  expect(bySet.peer.calls).toEqual([]);
});

test.each(cases)('$name is refused without a token, and answers to a good one', async (rpc) => {
  expect((await bySet.as('7', rpc, Buffer.from([0xff]))).error?.reason).toBe('CREDENTIAL_MISSING');
  onlyCollection(bySet.peer, ...(rpc.onMissing === 'is created' ? [] : ['company_7_docs']));
  const token = signedBy(ec, claimsOf({ scope: rpc.needs, jti: rpc.name }));
  expect((await bySet.as('7', rpc, rpc.request('docs'), bearer(token))).code).toBe(0);
});

test('the log names who called, and holds no token', async () => {
  const lines = bySet.gateway.logLines.join('');
  expect(lines).toContain('"principal":"jwt:reader"');
  // Also of a call that is not allowed.
  expect(lines).toMatch(/"principal":"jwt:reader"[^\n]*SCOPE_FORBIDDEN/);
  expect(lines).not.toMatch(/eyJ/);
});

function swapClaims(token: string): string {
  const [header, , signature] = token.split('.');
  const claims = Buffer.from(JSON.stringify(claimsOf({ tenants: '*' }))).toString('base64url');
  return `${header}.${claims}.${signature}`;
}

function fail(): never {
  throw new Error('no such row');
}
