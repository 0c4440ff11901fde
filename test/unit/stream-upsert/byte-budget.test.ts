import fc from 'fast-check';
import { ByteBudget, type CallAccount } from '../../../src/transport/byte-budget.js';

const small = 64 * 1024;

test('under any order of booking and giving back, the bounds hold, sums agree and nobody waits for ever', () => {
  const step = fc.record({
    call: fc.nat(5),
    bytes: fc.integer({ min: 1, max: 600_000 }),
    gives: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new ByteBudget({
        maxProcessBytes: 1_000_000,
        maxTenantBytes: 700_000,
        maxCallBytes: 500_000,
      });
      // Two tenants with two calls each, and two calls of nobody.
      const calls = ['7', '7', '42', '42', undefined, undefined].map((tenant) => {
        const account = budget.open();
        if (tenant !== undefined) account.belongTo(tenant);
        return { account, tenant };
      });
      const held = (of = calls): number => of.reduce((sum, { account }) => sum + account.heldBytes, 0);
      for (const { call, bytes, gives } of steps) {
        const one = calls[call];
        if (one === undefined) continue;
        if (gives) one.account.change(-one.account.heldBytes);
        else if (one.account.waitingBytes === 0) one.account.book(bytes, () => undefined);
        expect(budget.heldBytes).toBe(held());
        // Beyond the bound are small bookings of calls that held nothing, and one larger message alone.
        expect(held()).toBeLessThanOrEqual(1_000_000 + 6 * small);
        for (const tenant of ['7', '42']) {
          const own = calls.filter((one) => one.tenant === tenant);
          expect(held(own)).toBeLessThanOrEqual(700_000 + 2 * small);
        }
        for (const { account } of calls) expect(account.heldBytes).toBeLessThanOrEqual(600_000);
      }
      for (let round = 0; round < 10; round += 1) {
        for (const { account } of calls) account.change(-account.heldBytes);
      }
      expect(calls.map(({ account }) => account.waitingBytes)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(budget.heldBytes).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('who waits longest is served first, also when its message is the larger', () => {
  const budget = new ByteBudget({
    maxProcessBytes: 1_000_000,
    maxTenantBytes: 1_000_000,
    maxCallBytes: 1_000_000,
  });
  const [holder, large, late] = [budget.open(), budget.open(), budget.open()] as const;
  const served: CallAccount[] = [];
  holder.book(900_000, () => undefined);
  expect(large.book(800_000, () => served.push(large))).toBe(false);
  expect(late.book(150_000, () => served.push(late))).toBe(false);
  holder.change(-100_000);
  expect(served).toEqual([]);
  holder.change(-800_000);
  expect(served).toEqual([large, late]);
});

test('a call that gives up does not stand in the way', () => {
  const budget = new ByteBudget({
    maxProcessBytes: 1_000_000,
    maxTenantBytes: 1_000_000,
    maxCallBytes: 1_000_000,
  });
  const [holder, quitter, next] = [budget.open(), budget.open(), budget.open()] as const;
  let granted = false;
  holder.book(1_000_000, () => undefined);
  quitter.book(900_000, () => undefined);
  next.book(500_000, () => {
    granted = true;
  });
  quitter.stopWaiting();
  holder.change(-1_000_000);
  expect(granted).toBe(true);
});

test('who comes later does not pass one that waits, however much would fit', () => {
  const budget = new ByteBudget({
    maxProcessBytes: 1_000_000,
    maxTenantBytes: 1_000_000,
    maxCallBytes: 1_000_000,
  });
  const [holder, large, late, search] = [budget.open(), budget.open(), budget.open(), budget.open()] as const;
  const served: CallAccount[] = [];
  holder.book(500_000, () => undefined);
  expect(large.book(800_000, () => served.push(large))).toBe(false);
  expect(late.book(100_000, () => served.push(late))).toBe(false);
  expect(search.book(small, () => undefined)).toBe(true);
  holder.change(-500_000);
  search.change(-small);
  expect(served).toEqual([large, late]);
});

test('a call that waits for its own bound keeps nobody else waiting', () => {
  const budget = new ByteBudget({
    maxProcessBytes: 1_000_000,
    maxTenantBytes: 1_000_000,
    maxCallBytes: 300_000,
  });
  const [full, other] = [budget.open(), budget.open()] as const;
  full.book(300_000, () => undefined);
  expect(full.book(100_000, () => undefined)).toBe(false);
  expect(other.book(200_000, () => undefined)).toBe(true);
});

test('a tenant that holds all it may waits, and no other with it', () => {
  const budget = new ByteBudget({
    maxProcessBytes: 1_000_000,
    maxTenantBytes: 400_000,
    maxCallBytes: 400_000,
  });
  const [holder, large, late, other, search] = ['7', '7', '7', '42', '7'].map((tenant) => {
    const account = budget.open();
    account.belongTo(tenant);
    return account;
  }) as [CallAccount, CallAccount, CallAccount, CallAccount, CallAccount];
  const served: CallAccount[] = [];
  holder.book(300_000, () => undefined);
  expect(large.book(350_000, () => served.push(large))).toBe(false);
  // It would fit, and stands behind the larger one of its tenant.
  expect(late.book(90_000, () => served.push(late))).toBe(false);
  expect(other.book(400_000, () => undefined)).toBe(true);
  expect(search.book(small, () => undefined)).toBe(true);
  holder.change(-300_000);
  search.change(-small);
  expect(served).toEqual([large]);
  large.change(-350_000);
  expect(served).toEqual([large, late]);
});

test('bytes that came before it was known whose they are count for the tenant all the same', () => {
  const budget = new ByteBudget({
    maxProcessBytes: 1_000_000,
    maxTenantBytes: 400_000,
    maxCallBytes: 400_000,
  });
  const [early, next] = [budget.open(), budget.open()] as const;
  early.book(300_000, () => undefined);
  early.belongTo('7');
  next.belongTo('7');
  expect(next.book(200_000, () => undefined)).toBe(false);
});
