import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  ClearPayloadPointsSchema,
  DeletePayloadPointsSchema,
  DeletePointsSchema,
  type PointsSelector,
  SetPayloadPointsSchema,
} from '@qdrant/js-client-grpc';
import type { CallContext, CollectionMethod } from '../backend/index.js';
import { fieldError } from '../errors/index.js';
import {
  ClearPayloadResponse,
  DeletePayloadResponse,
  DeletePointsResponse,
  OverwritePayloadResponse,
  SetPayloadResponse,
} from '../gen/vectorgateway/v1/points_service.js';
import type { TenantScope } from '../tenancy/index.js';
import { checkFilter, checkPointId, decodeRequest, readPayload } from '../wire/index.js';
import { CollectionAccess } from './collection-access.js';
import type { ServiceDeps, UnaryUseCase } from './deps.js';
import { explainPartlyApplied } from './partly-applied.js';
import { checkJsonPath } from './payload-selector.js';
import { readUpdateResult } from './update-result.js';

/** DeletePoints by ids or by filter. */
export const deletePoints: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(DeletePointsSchema, 'vectorgateway.v1.DeletePointsRequest', request);
  const write = { schema: DeletePointsSchema, message, ids: checkSelector(message.points, 'points') };
  const { reply, wait } = await sendWrite(deps, scope, 'Points/Delete', write, context);
  return DeletePointsResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

/** SetPayload: sets keys and keeps the others. */
export const setPayload: UnaryUseCase = async (deps, scope, request, context) => {
  const { reply, wait } = await writePayload(deps, scope, request, context, 'SetPayload');
  return SetPayloadResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

/** OverwritePayload: replaces all of the payload. */
export const overwritePayload: UnaryUseCase = async (deps, scope, request, context) => {
  const { reply, wait } = await writePayload(deps, scope, request, context, 'OverwritePayload');
  return OverwritePayloadResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

/** DeletePayload: removes keys. */
export const deletePayload: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(DeletePayloadPointsSchema, 'vectorgateway.v1.DeletePayloadRequest', request);
  if (message.keys.length === 0) throw fieldError('FIELD_INVALID', 'keys', 'give at least one payload key');
  message.keys.forEach((key, index) => {
    checkJsonPath(key, `keys[${index}]`);
  });
  const ids = checkSelector(message.pointsSelector, 'points_selector');
  const write = { schema: DeletePayloadPointsSchema, message, ids };
  const { reply, wait } = await sendWrite(deps, scope, 'Points/DeletePayload', write, context);
  return DeletePayloadResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

/** ClearPayload: removes all of the payload. */
export const clearPayload: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(ClearPayloadPointsSchema, 'vectorgateway.v1.ClearPayloadRequest', request);
  const write = { schema: ClearPayloadPointsSchema, message, ids: checkSelector(message.points, 'points') };
  const { reply, wait } = await sendWrite(deps, scope, 'Points/ClearPayload', write, context);
  return ClearPayloadResponse.encode({ result: readUpdateResult(reply, wait) }).finish();
};

interface Write<Desc extends DescMessage> {
  readonly schema: Desc;
  readonly message: MessageShape<Desc> & { collectionName: string; wait?: boolean };
  /** How many points are named by id. */
  readonly ids: number;
  /** Encoded fields that are sent behind the message. */
  readonly tail?: Uint8Array;
}

interface WriteReply {
  readonly reply: Uint8Array;
  readonly wait: boolean;
}

async function writePayload(
  deps: ServiceDeps,
  scope: TenantScope,
  request: Buffer,
  context: CallContext,
  rpc: 'SetPayload' | 'OverwritePayload',
): Promise<WriteReply> {
  const message = decodeRequest(SetPayloadPointsSchema, `vectorgateway.v1.${rpc}Request`, request);
  const ids = checkSelector(message.pointsSelector, 'points_selector');
  if (message.key !== undefined) checkJsonPath(message.key, 'key');
  // The payload travels as the bytes that were walked, not as the objects made from them.
  const tail = readPayload(request);
  message.payload = {};
  return sendWrite(
    deps,
    scope,
    `Points/${rpc}`,
    { schema: SetPayloadPointsSchema, message, ids, tail },
    context,
  );
}

async function sendWrite<Desc extends DescMessage>(
  deps: ServiceDeps,
  scope: TenantScope,
  method: CollectionMethod,
  write: Write<Desc>,
  context: CallContext,
): Promise<WriteReply> {
  const { message } = write;
  const access = new CollectionAccess(deps, scope, message.collectionName, context);
  await access.facts();
  const wait = message.wait ?? true;
  message.wait = wait;
  message.collectionName = '';
  const head = toBinary(write.schema, message);
  const body = write.tail === undefined ? head : Buffer.concat([head, write.tail]);
  const reply = await explainPartlyApplied(write.ids, () => access.call(method, body));
  return { reply, wait };
}

// Returns how many ids the selector names.
function checkSelector(selector: PointsSelector | undefined, field: string): number {
  const choice = selector?.pointsSelectorOneOf;
  if (choice?.case === 'points') {
    const { ids } = choice.value;
    if (ids.length === 0) throw fieldError('FIELD_INVALID', `${field}.points.ids`, 'give at least one id');
    ids.forEach((id, index) => {
      checkPointId(id, `${field}.points.ids[${index}]`);
    });
    return ids.length;
  }
  if (choice?.case === 'filter') {
    // An empty filter matches everything: whoever wants that deletes the collection.
    checkFilter(choice.value, `${field}.filter`, { allowEmpty: false });
    return 0;
  }
  throw fieldError('FIELD_INVALID', field, 'say which points: `points` with ids, or `filter`');
}
