import fc from 'fast-check';
import { GatewayError } from '../../../src/errors/index.js';
import {
  anonymousPrincipal,
  checkCollectionName,
  isTenantId,
  type TenantScope,
} from '../../../src/tenancy/index.js';
import { mintScope } from '../../../src/tenancy/mint.js';

const scopeOf = (tenant: string): TenantScope =>
  mintScope(anonymousPrincipal, 'x-company-id', [tenant], 'read');
const physical = (tenant: string, collection: string) => scopeOf(tenant).physicalName(collection).forBackend;

// Few letters and much punctuation, so that pairs nearly collide: "4" + "2-a_docs", "4-2" + "a_docs".
const tenantIds = fc.stringMatching(/^[a4][a4-]{0,5}$/);
const collections = fc.stringMatching(/^[a4][a4_-]{0,7}$/);
const anyTenantId = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const anyCollection = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,127}$/);

function reasonOf(act: () => unknown): { reason: string; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof GatewayError) return { reason: error.reason, message: error.message };
    throw error;
  }
  throw new Error('the name was accepted');
}

describe('physical names', () => {
  test('have the form company_{tenant}_{collection}', () => {
    expect(physical('42', 'docs')).toBe('company_42_docs');
  });

  test('two different pairs never give one name', () => {
    const pair = fc.tuple(tenantIds, collections);
    fc.assert(
      fc.property(pair, pair, ([t1, c1], [t2, c2]) => {
        const same = t1 === t2 && c1 === c2;
        expect(physical(t1, c1) === physical(t2, c2)).toBe(same);
      }),
      { numRuns: 5000 },
    );
  });

  // The guard that makes it so: with `_` allowed in tenant ids the plain join is ambiguous.
  test('the plain join without the rule for tenant ids gives two tenants one name', () => {
    const join = (tenant: string, collection: string) => `company_${tenant}_${collection}`;
    expect(join('1', '2_docs')).toBe(join('1_2', 'docs'));
    expect(physical('1', '2_docs')).toBe(join('1_2', 'docs'));
    expect(reasonOf(() => physical('1_2', 'docs')).reason).toBe('TENANT_ID_INVALID');
  });

  test('ownName is the inverse for the owner and nothing for everybody else', () => {
    fc.assert(
      fc.property(anyTenantId, anyCollection, anyTenantId, (owner, collection, other) => {
        fc.pre(owner !== other);
        const name = physical(owner, collection);
        expect(scopeOf(owner).ownName(name)).toBe(collection);
        expect(scopeOf(other).ownName(name)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('a tenant whose id begins another one owns nothing of it', () => {
    const stored = [
      physical('4', 'docs'),
      physical('42', 'docs'),
      physical('42-a', 'docs'),
      physical('4', '2_docs'),
    ];
    const own = (tenant: string) =>
      stored.map((name) => scopeOf(tenant).ownName(name)).filter((name) => name);
    expect(own('4')).toEqual(['docs', '2_docs']);
    expect(own('42')).toEqual(['docs']);
    expect(own('42-a')).toEqual(['docs']);
  });

  test('ownName passes over names that no tenant could have made', () => {
    for (const name of [
      'company_42_',
      'company_42_Docs',
      'company_42_a/b',
      'COMPANY_42_docs',
      'docs',
      '',
      'company_42',
    ]) {
      expect(scopeOf('42').ownName(name)).toBeUndefined();
    }
  });

  test('do not show in text or JSON', () => {
    const name = scopeOf('42').physicalName('docs');
    expect(`${name} ${String(name)} ${JSON.stringify({ name })}`).not.toContain('company_');
  });
});

const hostile: [string, string, string][] = [
  ['path', '..', '"."'],
  ['slash', 'a/b', '"/"'],
  ['backslash', 'a\\b', '"\\"'],
  ['NUL', 'a\0b', 'U+0000'],
  ['line feed', 'docs\n', 'U+000A'],
  ['upper case', 'Docs', '"D"'],
  ['space', 'do cs', 'U+0020'],
  ['NFC', 'caf\u00e9', 'U+00E9'],
  ['NFD', 'cafe\u0301', 'U+0301'],
  ['full-width digit', '\uff14\uff12', 'U+FF14'],
  ['emoji', 'a\u{1f600}', 'U+1F600'],
  ['lone surrogate', 'a\ud800', 'U+D800'],
  ['replacement character of bad UTF-8', 'a\ufffd', 'U+FFFD'],
  ['reserved ~', 'a~b', '"~"'],
  ['percent', 'a%2f', '"%"'],
];

describe.each<[string, (name: string) => void, string]>([
  ['a tenant id', (name) => void scopeOf(name), 'TENANT_ID_INVALID'],
  ['a collection', (name) => checkCollectionName(name), 'COLLECTION_NAME_INVALID'],
])('%s', (_, check, reason) => {
  test.each(hostile)('with %s is refused, and the error names the character', (_name, value, character) => {
    const error = reasonOf(() => check(value));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(`(found ${character})`);
    expect(error.message).toMatch(/^[\x20-\x7e]+$/);
  });

  test('of 256 bytes, or beginning with "-" or "_", is refused', () => {
    for (const value of ['a'.repeat(256), '-a', '_a'])
      expect(reasonOf(() => check(value)).reason).toBe(reason);
  });

  test('of any other text is refused, never INTERNAL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        fc.pre(!/^[a-z0-9][a-z0-9_-]*$/.test(value));
        expect(reasonOf(() => check(value)).reason).toBe(reason);
      }),
      { numRuns: 2000 },
    );
  });
});

test('_ is refused in a tenant id and allowed in a collection', () => {
  expect(reasonOf(() => scopeOf('4_2')).message).toContain('(found "_")');
  expect(() => checkCollectionName('a_b')).not.toThrow();
});

test('63 characters of tenant id and 128 of collection are the most', () => {
  expect(isTenantId('a'.repeat(63))).toBe(true);
  expect(isTenantId('a'.repeat(64))).toBe(false);
  expect(() => checkCollectionName('a'.repeat(128))).not.toThrow();
  expect(reasonOf(() => checkCollectionName('a'.repeat(129))).reason).toBe('COLLECTION_NAME_INVALID');
  expect(reasonOf(() => checkCollectionName('')).message).toContain('(it is empty)');
});

test('nothing is normalised: 42 and 042 are two tenants', () => {
  expect(physical('042', 'docs')).not.toBe(physical('42', 'docs'));
});
