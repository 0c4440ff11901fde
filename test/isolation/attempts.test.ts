import { makeKey } from '../../src/identity/index.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { cases } from './rpcs.js';

const made = makeKey().key;
const scopes = ['read'] as const;
const keys = [
  { name: 'in-use', key: 'a-chosen-key', tenants: ['7'], scopes },
  { name: 'guessed', key: 'password1', tenants: ['7'], scopes },
  { name: 'made', key: made, tenants: ['7'], scopes },
];

let ground: Ground;
beforeEach(async () => {
  ground = await startGround({ keys, env: { AUTH_FAILURES_PER_MINUTE: '20' } });
  onlyCollection(ground.peer, 'company_7_docs');
});
afterEach(() => ground.close());

const search = cases.find(({ name }) => name === 'PointsService/SearchPoints') ?? fail();
const callWith = (key: string) =>
  ground.as('7', search, search.request('docs'), ['authorization', `Bearer ${key}`]);

async function failTooOften(): Promise<void> {
  for (let each = 0; each < 20; each += 1) {
    expect((await callWith(`guess-${each}`)).error?.reason).toBe('CREDENTIAL_INVALID');
  }
}

test('after twenty failures of an address the next is told to wait, and how long', async () => {
  await failTooOften();
  const outcome = await callWith('guess-20');
  expect([outcome.code, outcome.error?.reason]).toEqual([8, 'RATE_LIMITED']);
  // One more attempt each three seconds.
  expect(outcome.error?.retryDelayMs).toBeGreaterThan(0);
  expect(outcome.error?.retryDelayMs).toBeLessThanOrEqual(3_000);
});

test('meanwhile a right guess looks like a wrong one', async () => {
  await failTooOften();
  expect((await callWith('password1')).error?.reason).toBe('RATE_LIMITED');
  expect(ground.peer.calls).toEqual([]);
});

test('meanwhile those that were there before are served, and keys that cannot be guessed', async () => {
  expect((await callWith('a-chosen-key')).code).toBe(0);
  await failTooOften();
  expect((await callWith('guess-20')).error?.reason).toBe('RATE_LIMITED');
  expect((await callWith('a-chosen-key')).code).toBe(0);
  expect((await callWith(made)).code).toBe(0);
});

test('a call without a credential is no attempt', async () => {
  for (let each = 0; each < 30; each += 1) {
    const outcome = await ground.as('7', search, search.request('docs'));
    expect(outcome.error?.reason).toBe('CREDENTIAL_MISSING');
  }
  expect((await callWith('guess')).error?.reason).toBe('CREDENTIAL_INVALID');
});

function fail(): never {
  throw new Error('no such row');
}
