import { asTenant } from '../support/clients.js';
import { type Ground, onlyCollection, startGround } from './ground.js';
import { collectionsNamedIn } from './qdrant-names.js';
import { cases } from './rpcs.js';

const [stream] = cases.filter(({ requestStream }) => requestStream);
if (stream === undefined) throw new Error('no row of a client stream');

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());
beforeEach(() => onlyCollection(ground.peer, 'company_7_docs', 'company_7_other', 'company_42_docs'));

const send = (...names: readonly string[]) =>
  ground.client.call(
    stream,
    names.map((name) => stream.request(name)),
    asTenant('7'),
  );

const written = (): string[] =>
  ground.peer.calls.filter(({ method }) => method === 'Points/Upsert').flatMap(collectionsNamedIn);

test('a stream writes to the collection of its first message, which later ones may repeat or leave out', async () => {
  expect((await send('docs', 'docs', '')).code).toBe(0);
  expect(new Set(written())).toEqual(new Set(['company_7_docs']));
});

test.each(['other', 'company_42_docs', '../42', 'nothing'])(
  'a later message that names %s does not lead there',
  async (name) => {
    const outcome = await send('docs', name, 'docs');
    expect(outcome.code).toBe(3);
    expect(written().filter((each) => each !== 'company_7_docs')).toEqual([]);
  },
);

test.each(['', '../42', 'company_42_'.padEnd(140, 'x')])(
  'a first message that names "%s" ends the stream before anything is written',
  async (name) => {
    const outcome = await send(name, 'docs');
    expect([outcome.code, outcome.error?.reason]).toEqual([3, 'COLLECTION_NAME_INVALID']);
    expect(ground.peer.calls).toEqual([]);
  },
);

test('a stream for a collection that the tenant does not have makes no data call, whatever follows', async () => {
  onlyCollection(ground.peer, 'company_42_later', 'company_7_docs');
  const outcome = await send('later', 'docs', 'later');
  expect(outcome.error?.reason).toBe('COLLECTION_NOT_FOUND');
  expect(written()).toEqual([]);
});
