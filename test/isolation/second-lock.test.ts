import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { CallCredentials } from '../../src/backend/call-credentials.js';
import { withCollectionName } from '../../src/backend/requests.js';
import { asTenant, RawClient } from '../support/clients.js';
import { startTestGateway } from '../support/gateway.js';
import { refusalOf } from '../support/qdrant-tokens.js';
import { realQdrant } from '../support/real-qdrant.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { type Case, cases } from './rpcs.js';

const key = 'the-key-of-the-operator-of-qdrant';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround({ env: { QDRANT_API_KEY: key, QDRANT_JWT_RBAC: 'on' } }, key);
});
afterAll(() => ground.close());

const sentWith = (value: unknown): 'the key' | 'a token' => (value === key ? 'the key' : 'a token');

test.each(cases)(
  '$name works with a Qdrant that lets tokens touch their one collection only',
  async (rpc) => {
    onlyCollection(
      ground.peer,
      ...(rpc.onMissing === 'is created' ? [] : ['company_7_docs']),
      'company_8_docs',
    );
    expect((await ground.as('7', rpc, rpc.request('docs'))).code).toBe(0);
    expect(ground.peer.calls.length).toBeGreaterThan(0);
    for (const { method, headers } of ground.peer.calls) {
      const wholeQdrant = /^Collections\/(Create|Update|Delete|List|(Update|List)Aliases)$|VectorName$/.test(
        method,
      );
      const sent = sentWith(headers.get('api-key')?.[0]);
      expect([method, sent]).toEqual([method, wholeQdrant ? 'the key' : 'a token']);
      expect(headers.get('authorization')).toBeUndefined();
    }
  },
);

test('what a call about points carries opens no other collection, and a read no write', async () => {
  onlyCollection(ground.peer, 'company_7_docs', 'company_8_docs');
  const rowOf = (name: string): Case => cases.find((rpc) => rpc.name === name) ?? fail();
  await ground.as(
    '7',
    rowOf('PointsService/CountPoints'),
    rowOf('PointsService/CountPoints').request('docs'),
  );
  const reading = ground.peer.calls.at(-1)?.headers.get('api-key')?.[0];
  await ground.as(
    '7',
    rowOf('PointsService/UpsertPoints'),
    rowOf('PointsService/UpsertPoints').request('docs'),
  );
  const writing = ground.peer.calls.at(-1)?.headers.get('api-key')?.[0];
  expect(refusalOf(key, reading, 'Points/Count', 'company_7_docs')).toBeUndefined();
  expect(refusalOf(key, reading, 'Points/Count', 'company_8_docs')).toContain('Access to collection');
  expect(refusalOf(key, reading, 'Points/Upsert', 'company_7_docs')).toContain('Write access');
  expect(refusalOf(key, writing, 'Points/Upsert', 'company_7_docs')).toBeUndefined();
  expect(refusalOf(key, writing, 'Points/Upsert', 'company_8_docs')).toContain('Access to collection');
  expect(refusalOf(key, writing, 'Collections/Delete', 'company_7_docs')).toContain('Global access');
});

test('neither key nor token shows to callers or in the log when Qdrant refuses them', async () => {
  onlyCollection(ground.peer, 'company_7_docs');
  ground.peer.failWith('*', { code: 7, details: `Forbidden: ${key} Access to collection company_7_docs` });
  const count = cases.find(({ name }) => name === 'PointsService/CountPoints') ?? fail();
  const outcome = await ground.as('7', count, count.request('docs'));
  ground.peer.failWith('*', undefined);
  expect([outcome.code, outcome.error?.reason]).toEqual([14, 'BACKEND_REFUSED_CREDENTIALS']);
  expect(outcome.message).not.toMatch(/company_|the-key|eyJ/);
  expect(ground.gateway.logLines.join('')).not.toMatch(/the-key-of|eyJ/);
});

const qdrant = process.env.QDRANT_JWT_RBAC === 'on' ? realQdrant() : undefined;

// With QDRANT_URL, QDRANT_API_KEY and QDRANT_JWT_RBAC=on. The suites of store.test.ts run with tokens then, too.
(qdrant === undefined ? test.skip : test)(
  'a real Qdrant refuses a token for another collection',
  async () => {
    const gateway = await startTestGateway();
    const client = new RawClient(gateway.address);
    const run = `lock-${Date.now()}`;
    for (const name of ['CollectionsService/CreateCollection', 'PointsService/UpsertPoints']) {
      const rpc = cases.find((each) => each.name === name) ?? fail();
      for (const tenant of [`${run}-a`, `${run}-b`]) {
        expect((await client.call(rpc, rpc.request('docs'), asTenant(tenant))).message).toBe('OK');
      }
    }
    const minting = new CallCredentials(qdrant?.apiKey, true);
    const own = `company_${run}-a_docs`;
    const other = `company_${run}-b_docs`;
    const codeOf = (method: string, access: 'r' | 'rw', collection: string) =>
      new Promise((resolve) => {
        const direct = new Client(new URL(qdrant?.url ?? '').host, credentials.createInsecure());
        const same = (bytes: Buffer): Buffer => bytes;
        const body = withCollectionName(collection, Buffer.alloc(0));
        const request = Buffer.alloc(body.length);
        body.copy(request, 0);
        direct.makeUnaryRequest(
          `/qdrant.${method}`,
          same,
          same,
          request,
          minting.of(access, own),
          (error: ServiceError | null) => {
            direct.close();
            resolve(error?.code ?? 0);
          },
        );
      });
    expect(await codeOf('Points/Count', 'r', own)).toBe(0);
    expect(await codeOf('Points/Count', 'r', other)).toBe(7);
    expect(await codeOf('Points/Count', 'rw', other)).toBe(7);
    expect(await codeOf('Collections/Delete', 'rw', own)).toBe(7);
    client.close();
    await gateway.close();
  },
);

function fail(): never {
  throw new Error('no such row');
}
