import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  CreateFieldIndexCollectionSchema,
  DeleteFieldIndexCollectionSchema,
  FieldType,
  type FilterSchema,
  GetCollectionInfoRequestSchema,
  PayloadSchemaType,
  PointsOperationResponseSchema,
  ScrollPointsSchema,
} from '@qdrant/js-client-grpc';
import { TestStore } from '../../support/embedded-store.js';
import { type Plain, type PlainObject, pointsOfReply } from '../../support/payload-bytes.js';
import { StoreCollection } from '../../support/store-ops.js';
import { fieldsOf } from '../../support/wire-bytes.js';

let store: TestStore;
let docs: StoreCollection;

beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store.close());

let number = 0;
beforeEach(async () => {
  number += 1;
  docs = new StoreCollection(store, `docs${number}`);
  await store.createCollection(docs.name, 2);
});

async function createIndex(fieldName: string, fieldType: FieldType): Promise<void> {
  const request = { collectionName: docs.name, fieldName, fieldType, wait: true };
  await store.call(
    'Points/CreateFieldIndex',
    CreateFieldIndexCollectionSchema,
    PointsOperationResponseSchema,
    request,
  );
}

const payloadOf = (object: Record<string, Plain>): PlainObject => new Map(Object.entries(object));
const point = (num: bigint, payload: PlainObject) => ({ id: { num }, vector: [1, 0], payload });
const put = (num: bigint, payload: Record<string, Plain>) => docs.upsert([point(num, payloadOf(payload))]);

interface ShownIndex {
  readonly type: number;
  readonly points: number;
}

/** The payload_schema of Get, read by hand: in a plain object the path "__proto__" is lost. */
async function indexes(): Promise<Map<string, ShownIndex>> {
  const { bytes } = await store.answer('Collections/Get', GetCollectionInfoRequestSchema, {
    collectionName: docs.name,
  });
  const result = contentOf(fieldsOf(bytes).find(({ field }) => field === 1)!.bytes);
  const entries = fieldsOf(result).filter(({ field }) => field === 8);
  return new Map(entries.map(({ bytes: entry }) => indexEntry(contentOf(entry))));
}

function indexEntry(entry: Buffer): [string, ShownIndex] {
  const parts = new Map(fieldsOf(entry).map(({ field, bytes }) => [field, contentOf(bytes)]));
  const info = new Map(fieldsOf(parts.get(2)!).map(({ field, bytes }) => [field, bytes[1] ?? 0]));
  return [parts.get(1)!.toString(), { type: info.get(1) ?? 0, points: info.get(3) ?? 0 }];
}

/** What is in a length-delimited field with a tag of one byte. */
function contentOf(field: Buffer): Buffer {
  let at = 1;
  while ((field[at] ?? 0) >= 0x80) at += 1;
  return field.subarray(at + 1);
}

const pointsIn = async (path: string) => (await indexes()).get(path)?.points;

test('an index counts the points that were there before it', async () => {
  await put(1n, { n: 3n });
  await put(2n, { n: [null, 4n] });
  await put(3n, { n: 'no number' });
  await put(4n, {});
  await createIndex('n', FieldType.FieldTypeInteger);
  expect(await indexes()).toEqual(new Map([['n', { type: PayloadSchemaType.Integer, points: 2 }]]));
});

test('its count follows upserts, changes of payloads and deletes', async () => {
  await createIndex('n', FieldType.FieldTypeInteger);
  await docs.upsert([
    point(1n, payloadOf({ n: 1n })),
    point(2n, payloadOf({ n: 1n })),
    point(3n, payloadOf({})),
  ]);
  expect(await pointsIn('n')).toBe(2);
  await put(1n, { n: 'text' });
  expect(await pointsIn('n')).toBe(1);
  await docs.setPayload([{ num: 1n }, { num: 3n }], payloadOf({ n: 5n }));
  expect(await pointsIn('n')).toBe(3);
  await docs.delete([{ num: 3n }, { num: 9n }]);
  expect(await pointsIn('n')).toBe(2);
  await docs.deleteWhere({ must: [{ is: 'above', key: 'n', bound: 4 }], should: [], mustNot: [] });
  expect(await pointsIn('n')).toBe(1);
});

test('an index that is made again has its new type and count; one that is deleted is gone', async () => {
  await put(1n, { n: 'word' });
  await createIndex('n', FieldType.FieldTypeInteger);
  expect(await pointsIn('n')).toBe(0);
  await createIndex('n', FieldType.FieldTypeKeyword);
  expect(await indexes()).toEqual(new Map([['n', { type: PayloadSchemaType.Keyword, points: 1 }]]));
  const request = { collectionName: docs.name, fieldName: 'n' };
  await store.answer('Points/DeleteFieldIndex', DeleteFieldIndexCollectionSchema, request);
  expect(await indexes()).toEqual(new Map());
});

/** Ids in the order of the values at `key`. */
async function orderedBy(key: string): Promise<string[]> {
  const answer = await store.answer('Points/Scroll', ScrollPointsSchema, {
    collectionName: docs.name,
    orderBy: { key },
  });
  if (answer.code !== 'OK') throw new Error(answer.message);
  return pointsOfReply(answer.bytes, 2).map(({ id }) => id);
}

test('an index on the path "__proto__" is one like any other, after a restart too', async () => {
  await docs.upsert([
    point(1n, new Map([['__proto__', 7n]])),
    point(2n, new Map([['__proto__', -7n]])),
    point(3n, new Map([['constructor', 1n]])),
  ]);
  await expect(orderedBy('__proto__')).rejects.toThrow('No range index');
  await createIndex('__proto__', FieldType.FieldTypeInteger);
  expect(await orderedBy('__proto__')).toEqual(['2', '1']);
  await store.restart();
  expect(await orderedBy('__proto__')).toEqual(['2', '1']);
  expect(await indexes()).toEqual(new Map([['__proto__', { type: PayloadSchemaType.Integer, points: 2 }]]));
});

test('a text index without parameters compares lower-cased words', async () => {
  await put(1n, { t: 'The quick Brown-fox' });
  await put(2n, { t: 'brownish' });
  const matches = (text: string): MessageInitShape<typeof FilterSchema> => ({
    must: [
      {
        conditionOneOf: {
          case: 'field',
          value: { key: 't', match: { matchValue: { case: 'text', value: text } } },
        },
      },
    ],
  });
  const counts = async () =>
    Promise.all(['brown', 'FOX quick', 'row'].map((t) => store.count(docs.name, matches(t))));
  // Without an index the text is sought as it stands.
  expect(await counts()).toEqual([1, 0, 2]);
  await createIndex('t', FieldType.FieldTypeText);
  expect(await counts()).toEqual([1, 1, 0]);
});
