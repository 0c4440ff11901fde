import { canaryOf } from '../support/capturing-peer.js';
import { metadataOf, RawClient } from '../support/clients.js';
import { dataCalls, type Ground, needsCollection, onlyCollection, startGround } from './ground.js';
import { cases } from './rpcs.js';
import { everythingIn, transcriptOf } from './transcript.js';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());

// A name for each test: what the gateway remembers of one must not decide another.
let names = 0;
const freshName = (): string => `docs-${++names}`;
const callsMade = (): string[] =>
  ground.peer.calls.map(({ method, collection }) => `${method} ${collection}`);

describe.each(cases)('$name', (rpc) => {
  const { sends, onMissing } = rpc;
  const namesNone = onMissing === 'names none';

  // Without this the tests below could pass because the request is refused for another reason.
  test('works for the tenant who owns the collection', async () => {
    const name = freshName();
    onlyCollection(ground.peer, ...(needsCollection(rpc) ? [`company_42_${name}`] : []));
    const outcome = await ground.as('42', rpc, rpc.request(name));
    expect(outcome.message).toBe('OK');
    const work = ground.peer.calls.filter(({ method }) => method === sends);
    expect(work.map(({ collection }) => collection)).toEqual([namesNone ? '' : `company_42_${name}`]);
  });

  test("answers to another tenant as if the owner's collection did not exist", async () => {
    const name = freshName();
    onlyCollection(ground.peer);
    const nowhere = await ground.as('7', rpc, rpc.request(name));
    const callsForNowhere = callsMade();

    onlyCollection(ground.peer, `company_42_${name}`);
    // The owner's call fills every cache that could answer in place of a check.
    await ground.as('42', rpc, rpc.request(name));
    onlyCollection(ground.peer, `company_42_${name}`);
    const existing = await ground.as('7', rpc, rpc.request(name));

    expect(transcriptOf(existing)).toEqual(transcriptOf(nowhere));
    expect(callsMade()).toEqual(callsForNowhere);
    expect(everythingIn(existing)).not.toMatch(/company_|canary-of-company_42/);
    if (onMissing === 'not found') expect(existing.error?.reason).toBe('COLLECTION_NOT_FOUND');
    else expect(existing.code).toBe(0);
  });

  test("makes no call about another tenant's collection, and no data call about one that is missing", async () => {
    const name = freshName();
    onlyCollection(ground.peer, `company_42_${name}`);
    await ground.as('7', rpc, rpc.request(name));
    expect(callsMade().filter((call) => call.includes('company_42_'))).toEqual([]);
    const made = dataCalls(ground.peer.calls).map(({ collection }) => collection);
    // A call that is answered without looking first is about the caller's own name.
    const expected = onMissing === 'is created' ? [`company_7_${name}`] : [];
    if (onMissing === 'is answered') expect(made.filter((each) => each !== `company_7_${name}`)).toEqual([]);
    else expect(made).toEqual(expected);
    expect(ground.peer.collections.has(`company_42_${name}`)).toBe(true);
  });

  test('two tenants with one name for their collections each reach their own', async () => {
    const name = freshName();
    const both = [`company_42_${name}`, `company_7_${name}`];
    for (const [index, tenant] of ['42', '7'].entries()) {
      onlyCollection(ground.peer, ...(needsCollection(rpc) ? both : []));
      const outcome = await ground.as(tenant, rpc, rpc.request(name));
      expect(outcome.code).toBe(0);
      const reached = new Set(ground.peer.calls.map(({ collection }) => collection));
      expect([...reached]).toEqual([namesNone ? '' : both[index]]);
      expect(everythingIn(outcome)).not.toContain(canaryOf(both[1 - index] ?? ''));
    }
  });
});

// The fault with the gateway out of the way: the peer, like Qdrant, hands the data to whoever asks for the name.
test('without the gateway the backend draws no line between tenants', async () => {
  onlyCollection(ground.peer, 'company_42_docs');
  const search = cases.find(({ sends }) => sends === 'Points/Search');
  const request = search?.request('company_42_docs') ?? Buffer.alloc(0);
  const direct = { path: '/qdrant.Points/Search', requestStream: false, responseStream: false };
  const client = new RawClient(ground.peer.address);
  const outcome = await client.call(direct, request, metadataOf(['x-company-id', '7']));
  client.close();
  expect(everythingIn(outcome)).toContain(canaryOf('company_42_docs'));
});
