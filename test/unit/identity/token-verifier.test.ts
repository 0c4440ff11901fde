import { GatewayError } from '../../../src/errors/index.js';
import {
  type KeySource,
  loadJose,
  publicKeys,
  type TokenRules,
  TokenVerifier,
} from '../../../src/identity/index.js';
import { audience, claimsOf, issuer, keySetText, makeIssuerKey, signedBy } from '../../support/tokens.js';

const key = makeIssuerKey('ES256', 'first');
const strange = makeIssuerKey('ES256', 'second');
const rules: TokenRules = {
  issuer,
  audience,
  tenantsClaim: 'tenants',
  scopesClaim: 'scope',
  clockToleranceMs: 5_000,
  maxLifetimeMs: 3_600_000,
};

async function verifierOf(refresh: () => Promise<boolean>) {
  const jose = await loadJose();
  let verified = 0;
  const counting = {
    ...jose,
    jwtVerify: ((...args: Parameters<typeof jose.jwtVerify>) => {
      verified += 1;
      return jose.jwtVerify(...args);
    }) as typeof jose.jwtVerify,
  };
  const source = {
    keys: publicKeys(jose, keySetText(key), 'keys'),
    revision: 0,
    refresh,
    close: () => undefined,
  } satisfies KeySource;
  return { verifier: new TokenVerifier(counting, source, rules), source, verified: () => verified };
}

const reasonOf = async (work: () => unknown): Promise<string | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof GatewayError ? error.reason : String(error);
  }
};

test('a token is verified once, and answered for at once after that, until the keys change', async () => {
  const { verifier, source, verified } = await verifierOf(async () => false);
  const token = signedBy(key);
  const principal = await verifier.verify(token, true);
  expect(verifier.verify(token, true)).toBe(principal);
  expect(verified()).toBe(1);
  source.revision += 1;
  expect(verifier.verify(token, true)).toBeInstanceOf(Promise);
});

test('a bad token is verified each time: nothing is remembered of it', async () => {
  const { verifier, verified } = await verifierOf(async () => false);
  const bad = signedBy({ ...strange, kid: 'first' });
  for (let each = 0; each < 3; each += 1) {
    expect(await reasonOf(() => verifier.verify(bad, true))).toBe('CREDENTIAL_INVALID');
  }
  expect(verified()).toBe(3);
});

test('tokens with made-up keys that wait for a slow issuer are bounded, and keep no place from good ones', async () => {
  let release: (isNew: boolean) => void = () => undefined;
  const held = new Promise<boolean>((resolve) => {
    release = resolve;
  });
  const { verifier } = await verifierOf(() => held);
  const made = Array.from({ length: 150 }, (_, at) => signedBy(strange, claimsOf({ jti: at })));
  const answers = made.map((token) => reasonOf(() => verifier.verify(token, true)));
  expect(await Promise.race(answers)).toBe('OVERLOADED');
  expect(await reasonOf(() => verifier.verify(signedBy(key), true))).toBeUndefined();
  release(false);
  const all = await Promise.all(answers);
  expect(all.filter((reason) => reason === 'OVERLOADED')).toHaveLength(50);
  expect(all.filter((reason) => reason === 'CREDENTIAL_INVALID')).toHaveLength(100);
});

test('who judges calls again does not wait for the issuer', async () => {
  const { verifier } = await verifierOf(() => new Promise(() => undefined));
  expect(await reasonOf(() => verifier.verify(signedBy(strange), false))).toBe('CREDENTIAL_INVALID');
});
