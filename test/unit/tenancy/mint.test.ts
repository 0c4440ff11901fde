import { GatewayError } from '../../../src/errors/index.js';
import { type AccessScope, anonymousPrincipal, type Principal } from '../../../src/tenancy/index.js';
import { mintScope } from '../../../src/tenancy/mint.js';
import { PhysicalName, TenantScope } from '../../../src/tenancy/scope.js';

const limited: Principal = {
  ...anonymousPrincipal,
  name: 'k',
  tenants: new Set(['42']),
  scopes: new Set<AccessScope>(['read']),
};

function refusal(
  values: readonly (string | Buffer)[],
  principal = anonymousPrincipal,
  needed: AccessScope = 'read',
) {
  try {
    mintScope(principal, 'x-company-id', values, needed);
  } catch (error) {
    if (error instanceof GatewayError)
      return { reason: error.reason, code: error.code, message: error.message };
    throw error;
  }
  throw new Error('a scope was minted');
}

describe('a scope', () => {
  test('is minted for the tenant of the header', () => {
    expect(mintScope(limited, 'x-company-id', ['42'], 'read').tenantId).toBe('42');
  });

  test('is refused without the header, with a text that says what to type', () => {
    expect(refusal([])).toEqual({
      reason: 'TENANT_ID_MISSING',
      code: 16,
      message: 'metadata "x-company-id" is missing (grpcurl: -H \'x-company-id: 42\')',
    });
    expect(refusal([''])).toMatchObject({ reason: 'TENANT_ID_MISSING', code: 16 });
  });

  test.each<[string, (string | Buffer)[]]>([
    ['given twice', ['42', '7']],
    ['given twice with one value', ['42', '42']],
    ['joined on the way', ['42, 7']],
    ['as bytes', [Buffer.from('42')]],
    ['with a space around it', [' 42']],
    ['as bad UTF-8', ['\u00c3\u0028']],
    ['as a path', ['../42']],
    ['with the physical prefix', ['company_42']],
  ])('is refused with a header %s', (_, values) => {
    expect(refusal(values)).toMatchObject({ reason: 'TENANT_ID_INVALID', code: 3 });
  });

  test('says "once" when HTTP/2 joined two headers with a comma', () => {
    expect(refusal(['42, 7']).message).toBe('metadata "x-company-id" must be given once, as text');
  });

  test('is refused for a tenant that the credential does not cover, whether it exists or not', () => {
    expect(refusal(['7'], limited)).toEqual(refusal(['no-such-tenant'], limited));
    expect(refusal(['7'], limited)).toMatchObject({ reason: 'TENANT_FORBIDDEN', code: 7 });
  });

  test.each<AccessScope>(['write', 'admin'])(
    'is refused for %s to a credential that only reads',
    (needed) => {
      expect(refusal(['42'], limited, needed)).toEqual({
        reason: 'SCOPE_FORBIDDEN',
        code: 7,
        message: `the credential lacks the scope "${needed}"`,
      });
    },
  );

  test('no scope implies another: admin alone does not read', () => {
    const admin: Principal = { ...limited, scopes: new Set<AccessScope>(['admin']) };
    expect(refusal(['42'], admin)).toMatchObject({ reason: 'SCOPE_FORBIDDEN' });
  });

  // The types refuse this already (test/types); a cast past them meets the key at run time.
  test('cannot be constructed around mint, not even past the types', () => {
    const forgedKey: never = Symbol('tenancy') as never;
    expect(() => new TenantScope(forgedKey, '42')).toThrow(TypeError);
    expect(() => new PhysicalName(forgedKey, 'company_42_docs')).toThrow(TypeError);
    const forged: TenantScope = Object.create(TenantScope.prototype);
    expect(() => forged.physicalName('docs')).toThrow(TypeError);
  });
});
