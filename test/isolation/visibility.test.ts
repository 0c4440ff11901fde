import fc from 'fast-check';
import {
  ListCollectionsRequest,
  ListCollectionsResponse,
} from '../../src/gen/vectorgateway/v1/collections_service.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { cases } from './rpcs.js';
import { everythingIn } from './transcript.js';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround({ env: { METRICS_PORT: '0' } });
});
afterAll(() => ground.close());

const [listing] = cases.filter(({ sends }) => sends === 'Collections/List');

async function list(tenant: string, page: Partial<ListCollectionsRequest> = {}) {
  if (listing === undefined) throw new Error('no row sends Collections/List');
  const request = ListCollectionsRequest.encode(ListCollectionsRequest.fromPartial(page)).finish();
  const outcome = await ground.as(tenant, listing, Buffer.from(request));
  const reply = ListCollectionsResponse.decode(outcome.reply ?? Buffer.alloc(0));
  const names = reply.collections.map(({ collection }) => collection);
  return { outcome, names, token: reply.nextPageToken };
}

describe('ListCollections', () => {
  test("shows the caller's own collections by its own names, and nothing else", async () => {
    const foreign = ['company_42_docs', 'company_7-a_docs', 'company_77_docs', 'company_70_7_docs'];
    // What other users of the same Qdrant may have made.
    const strangers = [
      'docs',
      '7_docs',
      'company_7',
      'company_7_',
      'company__7_docs',
      'COMPANY_7_x',
      'company_7_X',
    ];
    onlyCollection(
      ground.peer,
      'company_7_docs',
      ...foreign,
      ...strangers,
      'company_7_42_docs',
      'company_7_a',
    );
    const { names, outcome } = await list('7');
    expect(names).toEqual(['42_docs', 'a', 'docs']);
    expect(everythingIn(outcome)).not.toMatch(/company_/i);
  });

  test('is empty for a tenant without any, and does not say that there are others', async () => {
    onlyCollection(ground.peer, 'company_42_docs');
    const { outcome } = await list('7');
    onlyCollection(ground.peer);
    expect((await list('7')).outcome.reply).toEqual(outcome.reply);
  });

  test('pages hold and count own collections only, also with a token of another tenant', async () => {
    const own = Array.from({ length: 5 }, (_, index) => `c${index}`);
    const foreign = Array.from({ length: 50 }, (_, index) => `company_42_c${index}`);
    onlyCollection(ground.peer, ...foreign, ...own.map((name) => `company_7_${name}`));
    const first = await list('7', { pageSize: 2 });
    expect(first.names).toEqual(['c0', 'c1']);
    expect((await list('7', { pageSize: 2, pageToken: first.token })).names).toEqual(['c2', 'c3']);

    const theirs = await list('42', { pageSize: 2 });
    expect((await list('7', { pageToken: theirs.token })).names).toEqual(['c2', 'c3', 'c4']);
  });

  test('a token that was made up is refused, or shows own collections only', async () => {
    onlyCollection(ground.peer, 'company_42_docs', 'company_42_zoo', 'company_7_docs');
    const inner = fc.oneof(
      fc.string(),
      fc.constantFrom('1:', '1:company_42_a', '1:../42', '2:docs', '1:docs\0'),
    );
    const token = fc.oneof(
      fc.string({ unit: 'binary' }),
      inner.map((text) => Buffer.from(text).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(token, async (pageToken) => {
        const { outcome, names } = await list('7', { pageToken });
        if (outcome.code !== 0)
          expect(outcome.error?.reason).toMatch(/^(PAGE_TOKEN_INVALID|REQUEST_MALFORMED)$/);
        expect(['', 'docs']).toContain(names.join());
      }),
      { numRuns: 300 },
    );
  });
});

// Names that stand out wherever they come up.
const secret = 'canary-collection-of-42';

test("neither answers, log lines nor metrics tell a tenant's names to others", async () => {
  for (const rpc of cases) {
    onlyCollection(ground.peer, `company_42_${secret}`, 'company_7_docs');
    await ground.as('42', rpc, rpc.request(secret));
    const own = await ground.as('7', rpc, rpc.request('docs'));
    const missing = await ground.as('7', rpc, rpc.request('nothing'));
    for (const outcome of [own, missing])
      expect(everythingIn(outcome)).not.toMatch(/canary-collection|company_42/);
  }
  const lines = ground.gateway.logLines
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ level }) => level !== 'debug');
  expect(lines.filter(({ tenant }) => tenant === '42').length).toBeGreaterThanOrEqual(cases.length);
  // Lines name the tenant that called, and no collection at all.
  expect(lines.filter((line) => /canary-collection|company_/.test(JSON.stringify(line)))).toEqual([]);

  const metrics = await (await fetch(`http://${ground.gateway.metricsAddress}/metrics`)).text();
  expect(metrics).toContain('SearchPoints');
  expect(metrics).not.toMatch(/canary-collection|company_|tenant|collection="/);
});
