import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import {
  CreateCollectionSchema,
  DeletePointsSchema,
  QueryPointsSchema,
  SearchBatchPointsSchema,
  UpdateBatchPointsSchema,
} from '@qdrant/js-client-grpc';
import { listRules, numberRules } from '../../src/wire/qdrant/number-rules.js';
import { keyOf } from '../../src/wire/qdrant/plan.js';
import { refusedFields, refusedMessages } from '../../src/wire/qdrant/text-rules.js';
import { lengthField } from '../support/wire-bytes.js';
import { dataCalls, type Ground, onlyCollection, startGround } from './ground.js';
import { type Case, cases } from './rpcs.js';

// What a request of Qdrant's protocol may not hold, because all tenants would pay for it, or nobody has checked it.
let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());

const rpcs = cases.filter(({ path }) => path.startsWith('/qdrant.'));

/** The shortest way from a request to a field that holds; lists and maps are gone through. */
function wayTo(holds: (field: DescField) => boolean): { rpc: Case; path: DescField[] } {
  let open = rpcs.map((rpc) => ({ rpc, desc: rpc.input, path: [] as DescField[] }));
  for (let depth = 0; depth < 7; depth += 1) {
    const next: typeof open = [];
    for (const { rpc, desc, path } of open) {
      for (const field of desc.fields) {
        if (holds(field)) return { rpc, path: [...path, field] };
        const { message } = field;
        // Filters are judged as wholes, by checks of their own.
        if (message !== undefined && message.typeName !== 'qdrant.Filter' && !path.includes(field))
          next.push({ rpc, desc: message, path: [...path, field] });
      }
    }
    open = next;
  }
  throw new Error('no request has such a field');
}

/** Puts a value of the last field's parent at the end of the way. */
function along(path: readonly DescField[], parent: Uint8Array): Buffer {
  return path.slice(0, -1).reduceRight<Buffer>((inner, field) => {
    const value = field.fieldKind === 'map' ? mapEntry(inner) : inner;
    return lengthField(field.number, value);
  }, Buffer.from(parent));
}

const mapEntry = (value: Uint8Array): Buffer => Buffer.concat([lengthField(1, 'key'), lengthField(2, value)]);

/** The parent of a field, with nothing but this set. */
function parentWith(field: DescField, value: number): Uint8Array {
  const message = reflect(field.parent, create(field.parent));
  message.set(field, isLong(field) ? BigInt(value) : value);
  return toBinary(field.parent, message.message);
}

const isLong = ({ scalar }: DescField): boolean =>
  scalar === ScalarType.UINT64 || scalar === ScalarType.INT64;

/** Sends the row's request with more at its end; the answer and what had been sent to the backend. */
async function send(rpc: Case, more: Buffer) {
  onlyCollection(ground.peer, 'company_7_docs');
  const name = rpc.onMissing === 'is created' ? 'new' : 'docs';
  const outcome = await ground.as('7', rpc, Buffer.concat([rpc.request(name), more]));
  return {
    reason: outcome.error?.reason,
    field: outcome.error?.violations[0]?.field ?? '',
    sent: dataCalls(ground.peer.calls),
  };
}

function byName(name: string): Case {
  const rpc = rpcs.find((each) => each.name === name);
  if (rpc === undefined) throw new Error(`no row ${name}`);
  return rpc;
}

const bounds = Object.entries(numberRules).flatMap(([key, { min, max }]) => [
  ...(max === undefined ? [] : [{ key, value: max + 1, reason: 'LIMIT_EXCEEDED' }]),
  ...(min === undefined || min === 0 ? [] : [{ key, value: min > 1 ? 1 : 0, reason: 'FIELD_INVALID' }]),
]);

test.each(bounds)('$key may not be $value', async ({ key, value, reason }) => {
  const { rpc, path } = wayTo((field) => keyOf(field) === key);
  const field = path.at(-1) as DescField;
  // What is zero without having been set is no number of the caller's.
  if (value === 0 && field.presence === implicit) return;
  const isFraction = numberRules[key]?.min !== undefined && !isLong(field) && reason === 'FIELD_INVALID';
  const answer = await send(rpc, along(path, parentWith(field, isFraction ? 0 : value)));
  expect([answer.reason, answer.field.split('.').at(-1)]).toEqual([reason, field.name]);
  expect(answer.sent).toEqual([]);
});

// FeatureSet.FieldPresence.IMPLICIT of descriptor.proto.
const implicit = 2;

test.each(Object.entries(listRules))('%s has at most %d elements', async (key, most) => {
  const { rpc, path } = wayTo((field) => keyOf(field) === key);
  const field = path.at(-1) as DescField;
  const element = (index: number): Buffer =>
    field.fieldKind === 'map' ? lengthField(1, `key-${index}`) : Buffer.alloc(0);
  const list = Array.from({ length: most + 1 }, (_, index) => lengthField(field.number, element(index)));
  const answer = await send(rpc, along(path, Buffer.concat(list)));
  expect([answer.reason, answer.field.split('.').at(-1)]).toEqual(['LIMIT_EXCEEDED', field.name]);
  expect(answer.sent).toEqual([]);
});

// Inference asks other services; shards and the log are the operator's.
const never = ['Document', 'Image', 'InferenceObject', 'ShardKeySelector', 'ShardKey', 'WalConfigDiff'];

test('the list of what no request may hold is whole', () => {
  expect(Object.keys(refusedMessages)).toEqual(never);
  expect(Object.keys(refusedFields)).toEqual(['CreateCollection.sharding_method']);
});

test.each(never)('no request may hold %s', async (name) => {
  const isIt = (desc: DescMessage | undefined): boolean => desc?.typeName === `qdrant.${name}`;
  const { rpc, path } = wayTo(({ message }) => isIt(message));
  const field = path.at(-1) as DescField;
  const answer = await send(rpc, along(path, lengthField(field.number, '')));
  expect([answer.reason, answer.sent]).toEqual(['FIELD_UNSUPPORTED', []]);
});

test.each(Object.keys(refusedFields))('no request may set %s', async (key) => {
  const { rpc, path } = wayTo((field) => keyOf(field) === key);
  const answer = await send(rpc, along(path, parentWith(path.at(-1) as DescField, 1)));
  expect([answer.reason, answer.sent]).toEqual(['FIELD_UNSUPPORTED', []]);
});

test.each(rpcs)('$name: a field that the protocol does not have is refused', async (rpc) => {
  const { reason, sent } = await send(rpc, lengthField(3_000, lengthField(1, 'company_42_docs')));
  expect([reason, sent]).toEqual(['FIELD_UNSUPPORTED', []]);
});

/** The answer to a request about "docs" of this form. */
const answerTo = <Desc extends DescMessage>(rpc: string, schema: Desc, fields: MessageInitShape<Desc>) =>
  send(byName(rpc), Buffer.from(toBinary(schema, create(schema, fields))));

test('a write by a filter without conditions, which means every point, is refused alone and in a batch', async () => {
  const everything = { pointsSelectorOneOf: { case: 'filter' as const, value: {} } };
  onlyCollection(ground.peer, 'company_7_docs');
  const alone = toBinary(
    DeletePointsSchema,
    create(DeletePointsSchema, { collectionName: 'docs', points: everything }),
  );
  const outcome = await ground.as('7', byName('Points/Delete'), Buffer.from(alone));
  expect([outcome.error?.reason, dataCalls(ground.peer.calls)]).toEqual(['FILTER_INVALID', []]);
  const operations = [{ operation: { case: 'deletePoints' as const, value: { points: everything } } }];
  const batch = await answerTo('Points/UpdateBatch', UpdateBatchPointsSchema, { operations });
  expect([batch.reason, batch.sent]).toEqual(['FILTER_INVALID', []]);
});

test("a part of a batch names the batch's collection or none, be the other one's own", async () => {
  onlyCollection(ground.peer, 'company_7_docs', 'company_7_notes');
  const searchPoints = [{ collectionName: 'notes', vector: [1, 0, 0, 0], limit: 1n }];
  const { reason, field, sent } = await answerTo('Points/SearchBatch', SearchBatchPointsSchema, {
    searchPoints,
  });
  expect([reason, field, sent]).toEqual(['FIELD_INVALID', 'search_points[2].collection_name', []]);
});

test('prefetches are counted over the whole request', async () => {
  const prefetch = Array.from({ length: 33 }, () => ({ prefetch: Array.from({ length: 31 }, () => ({})) }));
  const { reason, sent } = await answerTo('Points/Query', QueryPointsSchema, { prefetch });
  expect([reason, sent]).toEqual(['LIMIT_EXCEEDED', []]);
});

test('a new collection has at most 512 times a shard, a segment and a vector', async () => {
  const params = { size: 4n, distance: 1 };
  const map = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`v${index}`, params]));
  const asked = (shardNumber: number, defaultSegmentNumber: bigint) =>
    answerTo('Collections/Create', CreateCollectionSchema, {
      shardNumber,
      optimizersConfig: { defaultSegmentNumber },
      vectorsConfig: { config: { case: 'paramsMap', value: { map } } },
    });
  const { reason, field, sent } = await asked(8, 8n);
  expect([reason, field, sent]).toEqual(['LIMIT_EXCEEDED', 'shard_number', []]);
  // The peer itself takes one vector only.
  expect((await asked(7, 8n)).sent).toHaveLength(1);
});
