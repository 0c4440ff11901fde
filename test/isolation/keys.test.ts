import { createHash } from 'node:crypto';
import { metadataOf } from '../support/clients.js';
import type { TestKey } from '../support/gateway.js';
import { callWithRawHeaders } from '../support/raw-metadata.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { cases } from './rpcs.js';
import { everythingIn, transcriptOf } from './transcript.js';

const scopes = ['read', 'write', 'admin'] as const;
const keyOf = (scope: string): string => `key-of-7-for-${scope}`;
const keys: TestKey[] = [
  ...scopes.map((scope) => ({
    name: scope,
    key: keyOf(scope),
    tenants: ['7'],
    scopes: [scope],
  })),
  { name: 'eight', key: 'key-of-8', tenants: ['8', '70', '7-0'], scopes },
  { name: 'operator', key: 'key-of-all', tenants: '*', scopes },
];

let ground: Ground;
beforeAll(async () => {
  // Here every address fails many times; attempts.test.ts is about that.
  ground = await startGround({ keys, env: { AUTH_FAILURES_PER_MINUTE: '0' } });
});
afterAll(() => ground.close());
beforeEach(() => onlyCollection(ground.peer, 'company_7_docs', 'company_42_docs'));

const bearer = (key: string) => ['authorization', `Bearer ${key}`] as const;
// What is refused is refused before it is decoded.
const undecodable = Buffer.from([0xff]);

describe.each(cases)('$name', (rpc) => {
  const { needs, path } = rpc;

  test.each<[string, string, (readonly [string, string])[]]>([
    ['CREDENTIAL_MISSING', 'no key', []],
    ['CREDENTIAL_MISSING', 'an empty one', [['authorization', '']]],
    ['CREDENTIAL_INVALID', 'an unknown key', [bearer('key-of-nobody')]],
    ['CREDENTIAL_INVALID', 'a key cut short', [bearer(keyOf(needs).slice(0, -1))]],
    [
      'CREDENTIAL_INVALID',
      'the hash of a key',
      [bearer(createHash('sha256').update(keyOf(needs)).digest('hex'))],
    ],
    ['CREDENTIAL_INVALID', 'a key without its scheme', [['authorization', keyOf(needs)]]],
    ['CREDENTIAL_INVALID', 'another scheme', [['authorization', `Basic ${keyOf(needs)}`]]],
    ['CREDENTIAL_MISSING', 'a key in other metadata', [['api-key', keyOf(needs)]]],
  ])('refuses with %s a call with %s', async (reason, _name, authorization) => {
    const outcome = await ground.as('7', rpc, undecodable, ...authorization);
    expect([outcome.code, outcome.error?.reason]).toEqual([16, reason]);
    expect(everythingIn(outcome)).not.toMatch(/key-of-(7|8|all|nobody)/);
    expect(ground.peer.calls).toEqual([]);
  });

  // Client libraries join or refuse these; they are sent as they are.
  test.each<[string, (Buffer | string)[]]>([
    ['a good key and another', [`Bearer ${keyOf(needs)}`, 'Bearer key-of-8']],
    ['another key and a good one', ['Bearer key-of-8', `Bearer ${keyOf(needs)}`]],
    ['a good key given twice', [`Bearer ${keyOf(needs)}`, `Bearer ${keyOf(needs)}`]],
    ['a good key and bytes that are no text', [`Bearer ${keyOf(needs)}`, Buffer.from([0xff])]],
  ])('refuses %s', async (_name, values) => {
    const headers = values.map((value) => ['authorization', value] as const);
    const outcome = await callWithRawHeaders(
      ground.gateway.address,
      path,
      [...headers, ['x-company-id', '7']],
      undecodable,
    );
    expect([outcome.code, outcome.error?.reason]).toEqual([16, 'CREDENTIAL_INVALID']);
    expect(ground.peer.calls).toEqual([]);
  });

  test('refuses a key of another tenant, alike whether tenant and collection exist or not', async () => {
    const answers = [];
    for (const tenant of ['7', '42', 'nobody']) {
      for (const collection of ['docs', 'nothing']) {
        const outcome = await ground.as(tenant, rpc, rpc.request(collection), bearer('key-of-8'));
        expect([outcome.code, outcome.error?.reason]).toEqual([7, 'TENANT_FORBIDDEN']);
        answers.push(transcriptOf(outcome));
      }
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(ground.peer.calls).toEqual([]);
  });

  test.each(scopes.filter((scope) => scope !== needs))(
    `needs ${needs}: a key for %s is refused, alike whether the collection exists or not`,
    async (scope) => {
      const [existing, missing] = [
        await ground.as('7', rpc, rpc.request('docs'), bearer(keyOf(scope))),
        await ground.as('7', rpc, rpc.request('nothing'), bearer(keyOf(scope))),
      ];
      expect([existing.code, existing.error?.reason]).toEqual([7, 'SCOPE_FORBIDDEN']);
      expect(transcriptOf(existing)).toEqual(transcriptOf(missing));
      expect(ground.peer.calls).toEqual([]);
    },
  );

  test.each([keyOf(needs), 'key-of-all'])('answers to %s', async (key) => {
    onlyCollection(ground.peer, ...(rpc.onMissing === 'is created' ? [] : ['company_7_docs']));
    expect((await ground.as('7', rpc, rpc.request('docs'), bearer(key))).code).toBe(0);
  });

  test('asks for the header also of a key that covers every tenant', async () => {
    const metadata = ground.client.call(rpc, undecodable, metadataOf(bearer('key-of-all')));
    expect((await metadata).error?.reason).toBe('TENANT_ID_MISSING');
  });
});

test('a key that was taken out of the file is refused after the next start', async () => {
  const revoked = await startGround({
    keys: keys.filter(({ name }) => name !== 'read'),
    env: { AUTH_FAILURES_PER_MINUTE: '1000' },
  });
  onlyCollection(revoked.peer, 'company_7_docs');
  for (const rpc of cases.filter(({ needs }) => needs === 'read')) {
    const outcome = await revoked.as('7', rpc, rpc.request('docs'), bearer(keyOf('read')));
    expect([rpc.name, outcome.error?.reason]).toEqual([rpc.name, 'CREDENTIAL_INVALID']);
  }
  expect(revoked.peer.calls).toEqual([]);
  await revoked.close();
});

test('keys show in no log line', () => {
  expect(ground.gateway.logLines.length).toBeGreaterThan(cases.length);
  expect(ground.gateway.logLines.join('')).not.toMatch(/key-of-/);
});
