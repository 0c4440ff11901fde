import { create } from '@bufbuild/protobuf';
import {
  type CreateFieldIndexCollection,
  CreateFieldIndexCollectionSchema,
  DeleteFieldIndexCollectionSchema,
  FieldType,
  type PayloadIndexParams,
  type PayloadSchemaInfo,
  PayloadSchemaInfoSchema,
  PayloadSchemaType,
} from '@qdrant/js-client-grpc';
import { encodeIndex } from '../engine/payload-indexes.js';
import { indexedTest, textTokens } from '../filter/index.js';
import { parsePath } from '../model/json-path.js';
import { invalid } from '../store-status.js';
import { decode, type Handler, writeDone } from './handler.js';
import { checkWrite } from './validate.js';

// Payload indexes are declarations here: they decide what filters and order_by answer, not how fast.

const MAX_INDEXES = 1_000;

const TYPES = new Map<FieldType, PayloadSchemaType>([
  [FieldType.FieldTypeKeyword, PayloadSchemaType.Keyword],
  [FieldType.FieldTypeInteger, PayloadSchemaType.Integer],
  [FieldType.FieldTypeFloat, PayloadSchemaType.Float],
  [FieldType.FieldTypeGeo, PayloadSchemaType.Geo],
  [FieldType.FieldTypeText, PayloadSchemaType.Text],
  [FieldType.FieldTypeBool, PayloadSchemaType.Bool],
  [FieldType.FieldTypeDatetime, PayloadSchemaType.Datetime],
  [FieldType.FieldTypeUuid, PayloadSchemaType.Uuid],
]);

type ParamsCase = NonNullable<PayloadIndexParams['indexParams']['case']>;

const TYPE_OF_PARAMS: Readonly<Record<ParamsCase, PayloadSchemaType>> = {
  keywordIndexParams: PayloadSchemaType.Keyword,
  integerIndexParams: PayloadSchemaType.Integer,
  floatIndexParams: PayloadSchemaType.Float,
  geoIndexParams: PayloadSchemaType.Geo,
  textIndexParams: PayloadSchemaType.Text,
  boolIndexParams: PayloadSchemaType.Bool,
  datetimeIndexParams: PayloadSchemaType.Datetime,
  uuidIndexParams: PayloadSchemaType.Uuid,
};

/** Throws INVALID_ARGUMENT; UNIMPLEMENTED for a kind of full-text index that this store has not. */
function readInfo({ fieldType, fieldIndexParams }: CreateFieldIndexCollection): PayloadSchemaInfo {
  const params = fieldIndexParams?.indexParams;
  const fromParams = params?.case && TYPE_OF_PARAMS[params.case];
  const dataType = fieldType === undefined ? fromParams : TYPES.get(fieldType);
  if (dataType === undefined) throw invalid('cannot convert field_type: it is missing or not known');
  if (fromParams !== undefined && fromParams !== dataType) {
    throw invalid('field_type and field_index_params are of different kinds');
  }
  if (params?.case === 'textIndexParams') textTokens(params.value);
  return create(PayloadSchemaInfoSchema, { dataType, params: fieldIndexParams });
}

export const createFieldIndex: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(CreateFieldIndexCollectionSchema, bytes);
  checkWrite(request);
  const { fieldName, collectionName } = request;
  parsePath(fieldName);
  const info = readInfo(request);
  const holds = indexedTest(fieldName, info.dataType);
  await store.writer.submit(
    (batch) => {
      const collection = store.catalog.get(collectionName);
      const indexes = new Map(Object.entries(collection.indexes)).set(fieldName, encodeIndex(info));
      if (indexes.size > MAX_INDEXES)
        throw invalid(`more than ${MAX_INDEXES} payload indexes in a collection`);
      let count = 0;
      for (const point of store.uncached.from(collection)) if (holds(point.payload())) count += 1;
      const { points, indexed } = store.counts.of(collection);
      const counts = new Map(Object.entries(indexed)).set(fieldName, count);
      store.counts.put(batch, collection.id, { points, indexed: Object.fromEntries(counts) });
      store.catalog.put(batch, { ...collection, indexes: Object.fromEntries(indexes) });
    },
    bytes.length,
    true,
  );
  return writeDone(request.wait, startedAtMs);
};

/** A field without an index is no error. */
export const deleteFieldIndex: Handler = async (store, bytes) => {
  const startedAtMs = performance.now();
  const request = decode(DeleteFieldIndexCollectionSchema, bytes);
  checkWrite(request);
  parsePath(request.fieldName);
  await store.writer.submit(
    (batch) => {
      const collection = store.catalog.get(request.collectionName);
      const { points, indexed } = store.counts.of(collection);
      store.counts.put(batch, collection.id, { points, indexed: without(indexed, request.fieldName) });
      const indexes = without<string>(collection.indexes, request.fieldName);
      store.catalog.put(batch, { ...collection, indexes });
    },
    bytes.length,
    true,
  );
  return writeDone(request.wait, startedAtMs);
};

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
