import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ChangeAliasesSchema, ListAliasesResponseSchema } from '@qdrant/js-client-grpc';
import { dataCalls, type Ground, onlyCollection, startGround } from './ground.js';
import { collectionsNamedIn } from './qdrant-names.js';
import { cases } from './rpcs.js';

const byName = (name: string) => cases.find((rpc) => rpc.name === name) ?? fail();
const fail = (): never => {
  throw new Error('no such row');
};
const update = byName('Collections/UpdateAliases');

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());
beforeEach(() => onlyCollection(ground.peer, 'company_7_docs', 'company_42_docs'));

type Actions = NonNullable<MessageInitShape<typeof ChangeAliasesSchema>['actions']>;

const request = (actions: Actions): Buffer =>
  Buffer.from(toBinary(ChangeAliasesSchema, create(ChangeAliasesSchema, { actions })));
const creating = (aliasName: string, collectionName: string): Actions => [
  { action: { case: 'createAlias', value: { aliasName, collectionName } } },
];

test('aliases and the collections behind them are the own ones', async () => {
  const actions: Actions = [
    ...creating('live', 'docs'),
    { action: { case: 'renameAlias', value: { oldAliasName: 'live', newAliasName: 'company_42_docs' } } },
    { action: { case: 'deleteAlias', value: { aliasName: '42_docs' } } },
  ];
  expect((await ground.as('7', update, request(actions))).code).toBe(0);
  expect(dataCalls(ground.peer.calls).flatMap(collectionsNamedIn)).toEqual([
    'company_7_docs',
    'company_7_live',
    'company_7_live',
    'company_7_company_42_docs',
    'company_7_42_docs',
  ]);
});

test('an alias for a collection of somebody else is one for a collection that does not exist', async () => {
  for (const name of ['company_42_docs', '42_docs', 'nothing']) {
    const outcome = await ground.as('7', update, request(creating('mine', name)));
    expect([outcome.error?.reason, outcome.message]).toEqual([
      'COLLECTION_NOT_FOUND',
      `collection "${name}" does not exist`,
    ]);
  }
  expect(dataCalls(ground.peer.calls)).toEqual([]);
});

test.each(['', '../42', 'UPPER', '~x', 'a/b', `${'a'.repeat(129)}`])(
  'a name such as %j is refused in every place',
  async (name) => {
    const places: Actions[] = [
      creating(name, 'docs'),
      creating('live', name),
      [{ action: { case: 'renameAlias', value: { oldAliasName: name, newAliasName: 'live' } } }],
      [{ action: { case: 'renameAlias', value: { oldAliasName: 'live', newAliasName: name } } }],
      [{ action: { case: 'deleteAlias', value: { aliasName: name } } }],
    ];
    for (const actions of places) {
      const outcome = await ground.as('7', update, request(actions));
      expect(outcome.error?.reason).toBe('COLLECTION_NAME_INVALID');
    }
    expect(ground.peer.calls).toEqual([]);
  },
);

test('a list of aliases has the own ones only, by their own names', async () => {
  for (const name of ['Collections/ListAliases', 'Collections/ListCollectionAliases']) {
    const rpc = byName(name);
    const { reply } = await ground.as('7', rpc, rpc.request('docs'));
    const { aliases } = fromBinary(ListAliasesResponseSchema, reply ?? Buffer.alloc(0));
    expect(aliases.map(({ aliasName, collectionName }) => [aliasName, collectionName])).toEqual([
      ['docs-alias', 'docs'],
    ]);
  }
});
