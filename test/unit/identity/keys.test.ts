import { createHash } from 'node:crypto';
import { GatewayError } from '../../../src/errors/index.js';
import { Identity, IdentityFileError, loadKeyring } from '../../../src/identity/index.js';
import type { Principal } from '../../../src/tenancy/index.js';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const ingest = {
  name: 'ingest',
  sha256: sha256('secret-1'),
  tenants: ['42', 'acme'],
  scopes: ['read', 'write'],
};
const operator = { name: 'operator', sha256: sha256('secret-2'), tenants: '*', scopes: ['admin'] };
const file = (...keys: unknown[]) => JSON.stringify({ keys });
const identityOf = (json: string) => {
  const keyring = loadKeyring(json, 'keys.json');
  const identity = new Identity({ keys: { value: keyring, revision: 0, close: () => undefined } });
  const authenticate = (authorization: readonly (string | Buffer)[]): Principal => {
    const found = identity.recheck({ authorization, certificate: undefined });
    if (found instanceof Promise) throw new Error('a key is known at once');
    return found;
  };
  return { size: keyring.size, authenticate };
};
const keyring = identityOf(file(ingest, operator));

function refusal(authorization: readonly (string | Buffer)[]): GatewayError {
  try {
    keyring.authenticate(authorization);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('the credential was accepted');
}

function fileError(json: string): string {
  try {
    loadKeyring(json, '/etc/keys.json');
  } catch (error) {
    if (error instanceof IdentityFileError) return error.message;
    throw error;
  }
  throw new Error('the key file was accepted');
}

describe('a keyring', () => {
  test('tells who presents a key, with its tenants and scopes', () => {
    const principal = keyring.authenticate(['Bearer secret-1']);
    expect(principal.name).toBe('ingest');
    expect(principal.tenants).toEqual(new Set(['42', 'acme']));
    expect(principal.scopes).toEqual(new Set(['read', 'write']));
    expect(keyring.authenticate(['bearer secret-2'])).toMatchObject({ name: 'operator', tenants: '*' });
    expect(keyring.size).toBe(2);
  });

  test('accepts a hash in upper case, as some tools print it', () => {
    const upper = identityOf(file({ ...ingest, sha256: ingest.sha256.toUpperCase() }));
    expect(upper.authenticate(['Bearer secret-1']).name).toBe('ingest');
  });

  test.each([
    ['no header', [], 'metadata "authorization" is missing (grpcurl: -H \'authorization: Bearer KEY\')'],
    [
      'an empty header',
      [''],
      'metadata "authorization" is empty (grpcurl: -H \'authorization: Bearer KEY\')',
    ],
  ])('%s is CREDENTIAL_MISSING, with a text that says what to type', (_, values, message) => {
    const error = refusal(values);
    expect(error.reason).toBe('CREDENTIAL_MISSING');
    expect(error.code).toBe(16);
    expect(error.message).toBe(message);
  });

  test.each<[string, (string | Buffer)[]]>([
    ['an unknown key', ['Bearer secret-3']],
    ['a key of another case', ['Bearer Secret-1']],
    ['a known key followed by a space', ['Bearer secret-1 ']],
    ['a known key followed by a line feed', ['Bearer secret-1\n']],
    ['a known key given twice', ['Bearer secret-1', 'Bearer secret-1']],
    ['two headers joined on the way', ['Bearer secret-1, Bearer secret-1']],
    ['an empty header before a good one', ['', 'Bearer secret-1']],
    ['a known key after an unknown one', ['Bearer nope', 'Bearer secret-1']],
    ['the key alone', ['secret-1']],
    ['another scheme', ['Basic secret-1']],
    ['the scheme alone', ['Bearer ']],
    ['two spaces', ['Bearer  secret-1']],
    ['bytes', [Buffer.from('Bearer secret-1')]],
    ['the hash instead of the key', [`Bearer ${ingest.sha256}`]],
    ['a character beyond ASCII', ['Bearer secret-1\u00e9']],
    ['NUL after the key', ['Bearer secret-1\u0000']],
    ['more than 8 KiB', [`Bearer ${'a'.repeat(8192)}`]],
  ])('%s is CREDENTIAL_INVALID, and the text does not repeat it', (_, values) => {
    const error = refusal(values);
    expect(error.reason).toBe('CREDENTIAL_INVALID');
    expect(error.code).toBe(16);
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toMatch(
      /secret-\d|aaaa|[0-9a-f]{64}/i,
    );
  });

  test('a key of nearly 8 KiB is accepted', () => {
    const key = 'k'.repeat(8192 - 'Bearer '.length);
    const large = identityOf(file({ ...ingest, sha256: sha256(key) }));
    expect(large.authenticate([`Bearer ${key}`]).name).toBe('ingest');
  });
});

describe('a key file', () => {
  test.each<[string, string, string]>([
    ['broken JSON', '{"keys":[\n{"name":"canary"x}]}', 'the file is not valid JSON'],
    ['a list instead of an object', '[]', 'the file must be an object (allowed: keys)'],
    ['null', 'null', 'the file must be an object (allowed: keys)'],
    ['no keys field', '{}', 'the file lacks "keys"'],
    [
      'an unknown field',
      '{"keys":[],"version":1}',
      'the file has an unknown field "version" (allowed: keys)',
    ],
    ['too many keys', file(...Array(10_001).fill(0)), 'keys must be a list of 0 to 10000, not 10001'],
    ['a key that is a string', file(ingest, 'canary'), 'keys[1] must be an object (allowed: name, sha256,'],
    [
      'a misspelt field',
      file({ ...ingest, tenant: ['7'] }),
      'keys[0] has an unknown field "tenant" (allowed:',
    ],
    ['__proto__', '{"keys":[{"__proto__":{"name":"x"}}]}', 'keys[0] has an unknown field "__proto__"'],
    [
      'a field name that may be a key',
      file({ ...ingest, 'sk-canary!': 1 }),
      'unknown field of 10 characters',
    ],
    [
      'no scopes',
      file({ ...ingest, scopes: undefined }),
      'keys[0] lacks "scopes" (needed: name, sha256, tenants,',
    ],
    ['an empty name', file({ ...ingest, name: '' }), 'keys[0].name must be 1 to 64 characters'],
    ['a name with a line feed', file({ ...ingest, name: 'a\nb' }), 'keys[0].name must be 1 to 64 characters'],
    [
      'the key itself',
      file({ ...ingest, sha256: 'canary' }),
      'keys[0].sha256 must be 64 hex digits, the SHA-256',
    ],
    [
      'the hash of nothing',
      file({ ...ingest, sha256: sha256('') }),
      'keys[0].sha256 is the SHA-256 of nothing',
    ],
    [
      'no tenant',
      file({ ...ingest, tenants: [] }),
      'keys[0].tenants must be "*" or a list of 1 to 10000, not 0',
    ],
    [
      'tenants as a string',
      file({ ...ingest, tenants: '42' }),
      'keys[0].tenants must be "*" or a list of 1 to',
    ],
    ['* in the list', file({ ...ingest, tenants: ['*'] }), 'keys[0].tenants[0] must be a tenant id: 1 to 63'],
    ['a tenant with _', file({ ...ingest, tenants: ['4', '4_2'] }), 'keys[0].tenants[1] must be a tenant id'],
    ['a tenant as a number', file({ ...ingest, tenants: [42] }), 'keys[0].tenants[0] must be a tenant id'],
    ['a tenant twice', file({ ...ingest, tenants: ['4', '4'] }), 'keys[0].tenants[1] is given twice'],
    ['no scope', file({ ...ingest, scopes: [] }), 'keys[0].scopes must be a list of 1 to 3, not 0'],
    [
      'an unknown scope',
      file({ ...ingest, scopes: ['root'] }),
      'keys[0].scopes[0] must be "read", "write" or',
    ],
    ['a scope twice', file({ ...ingest, scopes: ['read', 'read'] }), 'keys[0].scopes[1] is given twice'],
    [
      'a name twice',
      file(ingest, { ...operator, name: 'ingest' }),
      'keys[1].name is the same as that of keys[0]',
    ],
    [
      'a hash twice',
      file(ingest, { ...operator, sha256: ingest.sha256.toUpperCase() }),
      'keys[1].sha256 is the same',
    ],
  ])('with %s is refused, saying where and what is allowed', (_, json, expected) => {
    const message = fileError(json);
    expect(message).toContain(expected);
    expect(message).toMatch(/^\/etc\/keys\.json: /);
    expect(message).not.toContain('canary');
    expect(message.length).toBeLessThan(250);
  });

  test('of ten thousand keys is loaded', () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => ({
      ...ingest,
      name: `k${i}`,
      sha256: sha256(`k${i}`),
    }));
    expect(identityOf(file(...keys)).authenticate(['Bearer k9999']).name).toBe('k9999');
  });
});
