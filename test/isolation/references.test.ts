import { type DescField, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { DeletePointsSchema, QueryPointsSchema } from '@qdrant/js-client-grpc';
import { methods } from '../../src/backend/methods.js';
import { DeletePointsRequest } from '../../src/gen/vectorgateway/v1/points_service.js';
import { keyOf, ruleOf } from '../../src/wire/qdrant/plan.js';
import { textRules } from '../../src/wire/qdrant/text-rules.js';
import { lengthField } from '../support/wire-bytes.js';
import { dataCalls, type Ground, onlyCollection, startGround } from './ground.js';
import {
  carriesCollection,
  collectionPaths,
  collectionsNamedIn,
  encodePath,
  hasUnknownFields,
  qdrantMethod,
} from './qdrant-names.js';
import { cases, namingCases } from './rpcs.js';

const foreign = 'company_42_docs';
const textOf = (path: readonly DescField[]): string => path.map(({ name }) => name).join('.');

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());
beforeEach(() => onlyCollection(ground.peer, 'company_7_docs', foreign));

const references = cases.flatMap((rpc) =>
  collectionPaths(qdrantMethod(rpc.sends).input)
    .filter((path) => path.length > 1)
    .map((path) => ({ rpc, path, title: `${rpc.name} ${textOf(path)}` })),
);
const isNative = ({ path }: { readonly path: string }): boolean => path.startsWith('/vectorgateway.');

// Who updates the package of Qdrant's protocol learns here of a new field that leads to another collection.
test('every text of every request of Qdrant has a rule, and names of collections have theirs', () => {
  const texts = new Map<string, DescField>();
  const seen = new Set<DescMessage>();
  const visit = (desc: DescMessage): void => {
    if (seen.has(desc)) return;
    seen.add(desc);
    for (const field of desc.fields) {
      if (ruleOf(field)?.kind === 'refused') continue;
      if (field.scalar === 9 || field.scalar === 12) texts.set(keyOf(field), field);
      if (field.fieldKind === 'map') texts.set(`${keyOf(field)} key`, field);
      if (field.message !== undefined) visit(field.message);
    }
  };
  for (const method of [...Object.keys(methods), 'Collections/UpdateAliases'])
    visit(qdrantMethod(method).input);
  expect([...texts.keys()].sort()).toEqual(Object.keys(textRules).sort());
  const naming = [...texts].filter(([, field]) => carriesCollection(field)).map(([key]) => key);
  const ruled = Object.entries(textRules).filter(([, rule]) => rule === 'own' || rule === 'reference');
  expect(naming.sort()).toEqual(ruled.map(([key]) => key).sort());
});

test("a collection's own name is field 1 of every request that has one", () => {
  for (const method of Object.keys(methods)) {
    const [path] = collectionPaths(qdrantMethod(method).input).filter((each) => each.length === 1);
    expect([method, path?.[0]?.number]).toEqual([method, 1]);
  }
});

test.each(references)(
  '$title leads nowhere else, also when an empty one precedes it or follows that hides it',
  async ({ rpc, path }) => {
    const { input } = qdrantMethod(rpc.sends);
    const reference = encodePath(input, path, foreign);
    const hiding = encodePath(input, path.slice(0, 1), '');
    for (const extra of [reference, Buffer.concat([reference, hiding]), Buffer.concat([hiding, reference])]) {
      const outcome = await ground.as('7', rpc, Buffer.concat([rpc.request('docs'), extra]));
      const asked = ground.peer.calls.flatMap(collectionsNamedIn);
      expect(asked.filter((name) => !name.startsWith('company_7_'))).toEqual([]);
      // An alias may have any name of the tenant's own.
      if (rpc.sends === 'Collections/UpdateAliases') continue;
      expect(outcome.code).not.toBe(0);
      expect(dataCalls(ground.peer.calls)).toEqual([]);
    }
  },
);

test.each(references.filter(({ rpc }) => !isNative(rpc) && rpc.sends !== 'Collections/UpdateAliases'))(
  "$title may be the tenant's own collection, and reaches the backend as that",
  async ({ rpc, path }) => {
    const { input } = qdrantMethod(rpc.sends);
    const extra = encodePath(input, path, 'docs');
    await ground.as('7', rpc, Buffer.concat([rpc.request('docs'), extra]));
    const sent = ground.peer.calls.filter(({ method }) => method === rpc.sends);
    // What Qdrant itself would not take is not looked at here: only where it leads.
    for (const call of sent) expect(new Set(collectionsNamedIn(call))).toEqual(new Set(['company_7_docs']));
  },
);

// The guard's reason: what a stub of another kind sees is not what Qdrant acts on.
test('a decoder that keeps the last of two fields sees no reference where Qdrant sees one', () => {
  const lookup = QueryPointsSchema.field.lookupFrom.number;
  const twice = Buffer.concat([
    lengthField(lookup, lengthField(1, foreign)),
    lengthField(lookup, Buffer.alloc(0)),
  ]);
  expect(fromBinary(QueryPointsSchema, twice).lookupFrom?.collectionName).toBe(foreign);
  const call = { method: 'Points/Query', headers: new Map(), request: twice, collection: '' };
  expect(collectionsNamedIn(call)).toEqual([foreign]);

  const selector = (key: string) =>
    lengthField(3, lengthField(2, lengthField(2, lengthField(1, lengthField(1, key)))));
  const filters = Buffer.concat([selector('a'), selector('b')]);
  const byGeneratedStub = DeletePointsRequest.decode(filters).points?.pointsSelectorOneOf;
  const byQdrant = fromBinary(DeletePointsSchema, filters).points?.pointsSelectorOneOf;
  expect(byGeneratedStub?.$case === 'filter' && byGeneratedStub.value.must).toHaveLength(1);
  expect(byQdrant?.case === 'filter' && byQdrant.value.must).toHaveLength(2);
});

test('a filter in two parts reaches the backend as the one filter that was checked', async () => {
  const [rpc] = cases.filter(({ sends }) => sends === 'Points/Delete');
  if (rpc === undefined) throw new Error('no row sends Points/Delete');
  const request = rpc.request('docs');
  const selector = request.subarray(2 + 'docs'.length);
  const outcome = await ground.as('7', rpc, Buffer.concat([request, selector]));
  expect(outcome.code).toBe(0);
  const sent = fromBinary(DeletePointsSchema, ground.peer.calls.at(-1)?.request ?? Buffer.alloc(0));
  const choice = sent.points?.pointsSelectorOneOf;
  expect(choice?.case === 'filter' && choice.value.must).toHaveLength(2);
});

describe.each(namingCases)('$name', (rpc) => {
  // Declared or not, known to Qdrant or to a later version of it: no field leads out.
  test('whatever other field carries a name, the backend is asked about own collections only', async () => {
    // Under Qdrant's own names a field that its descriptors do not have is refused as such.
    const known = isNative(rpc)
      ? Array.from({ length: 48 }, (_, index) => index + 1)
      : qdrantMethod(rpc.name).input.fields.map(({ number }) => number);
    const numbers = [...known, 99, 1000, 1001, 1002, 4096];
    for (const number of numbers) {
      for (const value of [
        Buffer.from(foreign),
        lengthField(1, foreign),
        lengthField(2, lengthField(1, foreign)),
      ]) {
        ground.peer.calls.length = 0;
        await ground.as('7', rpc, Buffer.concat([rpc.request('docs'), lengthField(number, value)]));
        const named = ground.peer.calls.flatMap(collectionsNamedIn);
        expect([number, named.filter((name) => !name.startsWith('company_7_'))]).toEqual([number, []]);
        expect(ground.peer.calls.filter(({ collection }) => collection === '')).toEqual([]);
        expect([number, ground.peer.calls.some(hasUnknownFields)]).toEqual([number, false]);
      }
    }
  });
});
