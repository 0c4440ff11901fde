import { create, toBinary } from '@bufbuild/protobuf';
import {
  CreateFieldIndexCollectionSchema,
  DeleteFieldIndexCollectionSchema,
  type WriteOrdering as QdrantOrdering,
  WriteOrderingSchema,
} from '@qdrant/js-client-grpc';
import { fieldError } from '../errors/index.js';
import {
  CreatePayloadIndexRequest,
  CreatePayloadIndexResponse,
  DeletePayloadIndexRequest,
  DeletePayloadIndexResponse,
} from '../gen/vectorgateway/v1/collections_service.js';
import type { WriteOrdering } from '../gen/vectorgateway/v1/points.js';
import { CollectionAccess } from './collection-access.js';
import { decodeOwn } from './decode-own.js';
import type { UnaryUseCase } from './deps.js';
import { checkJsonPath } from './payload-selector.js';
import { readUpdateResult } from './update-result.js';

/** CreatePayloadIndex. */
export const createPayloadIndex: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeOwn(CreatePayloadIndexRequest, 'CreatePayloadIndexRequest', request);
  const access = new CollectionAccess(deps, scope, message.collection, context);
  const { fieldName, fieldType, ordering } = message;
  checkFieldName(fieldName);
  if (fieldType === undefined)
    throw fieldError('FIELD_INVALID', 'field_type', 'say what the values are, such as FIELD_TYPE_KEYWORD');
  if (fieldType < 0 || fieldType > lastFieldType) {
    throw fieldError(
      'FIELD_INVALID',
      'field_type',
      `${fieldType} is not a field type (0 to ${lastFieldType})`,
    );
  }
  await access.facts();
  const wait = message.wait ?? true;
  const index = create(CreateFieldIndexCollectionSchema, {
    wait,
    fieldName,
    fieldType: Number(fieldType),
    ordering: orderingOf(ordering),
  });
  const reply = await access.call(
    'Points/CreateFieldIndex',
    toBinary(CreateFieldIndexCollectionSchema, index),
  );
  return CreatePayloadIndexResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

/** DeletePayloadIndex: a field without one is not an error. */
export const deletePayloadIndex: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeOwn(DeletePayloadIndexRequest, 'DeletePayloadIndexRequest', request);
  const access = new CollectionAccess(deps, scope, message.collection, context);
  checkFieldName(message.fieldName);
  await access.facts();
  const wait = message.wait ?? true;
  const index = create(DeleteFieldIndexCollectionSchema, {
    wait,
    fieldName: message.fieldName,
    ordering: orderingOf(message.ordering),
  });
  const reply = await access.call(
    'Points/DeleteFieldIndex',
    toBinary(DeleteFieldIndexCollectionSchema, index),
  );
  return DeletePayloadIndexResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

function orderingOf(ordering: WriteOrdering | undefined): QdrantOrdering | undefined {
  return ordering && create(WriteOrderingSchema, { type: Number(ordering.type) });
}

function checkFieldName(fieldName: string): void {
  if (fieldName === '') throw fieldError('FIELD_INVALID', 'field_name', 'name the payload field');
  if (fieldName.length > maxFieldNameLength) {
    throw fieldError(
      'FIELD_INVALID',
      'field_name',
      `has ${fieldName.length} characters, at most ${maxFieldNameLength}`,
    );
  }
  checkJsonPath(fieldName, 'field_name');
}

const lastFieldType = 7;
const maxFieldNameLength = 1024;
