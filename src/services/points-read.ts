import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  CountPointsSchema,
  GetPointsSchema,
  QueryPointsSchema,
  ScrollPointsSchema,
  type SearchParams,
  SearchPointsSchema,
  type VectorInput,
} from '@qdrant/js-client-grpc';
import type { CollectionMethod } from '../backend/index.js';
import { fieldError, GatewayError } from '../errors/index.js';
import {
  checkFilter,
  checkPointId,
  checkVector,
  decodeRequest,
  keepFields,
  payloadsToStruct,
} from '../wire/index.js';
import { CollectionAccess, checkLimit, checkOffset, withVectorSize } from './collection-access.js';
import type { ServiceDeps, UnaryUseCase } from './deps.js';
import { readPayloadSelector } from './payload-selector.js';

/** GetPoints by ids. */
export const getPoints: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(GetPointsSchema, 'vectorgateway.v1.GetPointsRequest', request);
  const access = new CollectionAccess(deps, scope, message.collectionName, context);
  message.ids.forEach((id, index) => {
    checkPointId(id, `ids[${index}]`);
  });
  const asStruct = readPayloadSelector(message, request, 4);
  await access.facts();
  return read(deps, access, { method: 'Points/Get', schema: GetPointsSchema, message, asStruct, kept: [1] });
};

/** SearchPoints: the points nearest to a vector. */
export const searchPoints: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(SearchPointsSchema, 'vectorgateway.v1.SearchPointsRequest', request);
  const access = new CollectionAccess(deps, scope, message.collectionName, context);
  message.limit = BigInt(checkLimit(message.limit));
  checkOffset(message.offset);
  checkThreshold(message.scoreThreshold);
  checkParams(message.params);
  if (message.filter !== undefined) checkFilter(message.filter, 'filter');
  const asStruct = readPayloadSelector(message, request, 6);
  const { vector } = message;
  await checkQueryVector(access, vector, 'vector');
  message.vector = [];
  return read(deps, access, {
    method: 'Points/Search',
    schema: SearchPointsSchema,
    message,
    packed: packFloats(2, vector),
    asStruct,
    kept: [1],
  });
};

/** QueryPoints: nearest to a vector or to a stored point; without a query, by id. */
export const queryPoints: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(QueryPointsSchema, 'vectorgateway.v1.QueryPointsRequest', request);
  const access = new CollectionAccess(deps, scope, message.collectionName, context);
  message.limit = BigInt(checkLimit(message.limit));
  checkOffset(message.offset);
  checkThreshold(message.scoreThreshold);
  checkParams(message.params);
  if (message.filter !== undefined) checkFilter(message.filter, 'filter');
  const asStruct = readPayloadSelector(message, request, 11);
  const { query } = message;
  if (query === undefined && message.scoreThreshold !== undefined) {
    throw fieldError('FIELD_INVALID', 'score_threshold', 'needs a query: points by id have no score');
  }
  if (query === undefined) await access.facts();
  else if (query.variant.case === 'nearest') await checkNearest(access, query.variant.value);
  else throw fieldError('FIELD_INVALID', 'query', 'set `nearest`, or leave the query out');
  return read(deps, access, {
    method: 'Points/Query',
    schema: QueryPointsSchema,
    message,
    asStruct,
    kept: [1],
  });
};

/** ScrollPoints: page by page, in the order of ids. */
export const scrollPoints: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(ScrollPointsSchema, 'vectorgateway.v1.ScrollPointsRequest', request);
  const access = new CollectionAccess(deps, scope, message.collectionName, context);
  message.limit = checkLimit(message.limit);
  if (message.offset !== undefined) checkPointId(message.offset, 'offset');
  if (message.filter !== undefined) checkFilter(message.filter, 'filter');
  const asStruct = readPayloadSelector(message, request, 6);
  await access.facts();
  return read(deps, access, {
    method: 'Points/Scroll',
    schema: ScrollPointsSchema,
    message,
    asStruct,
    kept: [1, 2],
  });
};

/** CountPoints: exact unless the caller asks for an estimate. */
export const countPoints: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeRequest(CountPointsSchema, 'vectorgateway.v1.CountPointsRequest', request);
  const access = new CollectionAccess(deps, scope, message.collectionName, context);
  if (message.filter !== undefined) checkFilter(message.filter, 'filter');
  message.exact ??= true;
  await access.facts();
  return read(deps, access, {
    method: 'Points/Count',
    schema: CountPointsSchema,
    message,
    asStruct: false,
    kept: [1],
  });
};

interface Read<Desc extends DescMessage> {
  readonly method: CollectionMethod;
  readonly schema: Desc;
  readonly message: MessageShape<Desc> & { collectionName: string };
  /** An encoded field that was taken out of the message. */
  readonly packed?: Uint8Array;
  readonly asStruct: boolean;
  /** Fields of the reply that the API declares; the others (timings, hardware usage) stay behind. */
  readonly kept: readonly number[];
}

async function read<Desc extends DescMessage>(
  deps: ServiceDeps,
  access: CollectionAccess,
  call: Read<Desc>,
): Promise<Uint8Array> {
  call.message.collectionName = '';
  const { method, schema, message, packed = empty } = call;
  const reply = await access.call(method, Buffer.concat([toBinary(schema, message), packed]));
  const kept = keepFields(reply, call.kept);
  const shown = call.asStruct ? payloadsToStruct(kept, call.method === 'Points/Scroll' ? 2 : 1) : kept;
  if (shown.length <= deps.maxReplyBytes) return shown;
  throw new GatewayError(
    'REPLY_TOO_LARGE',
    `the reply has ${shown.length} bytes, at most ${deps.maxReplyBytes} are sent: lower the limit, or ask for fewer fields or no vectors`,
  );
}

const empty = new Uint8Array();

/** A packed field. protobuf-es writes floats one by one, which takes ten times as long for 1536 of them. */
function packFloats(field: number, values: readonly number[]): Uint8Array {
  const floats = new Float32Array(values.length);
  // Float32Array.from() is no faster than protobuf-es.
  for (let index = 0; index < values.length; index++) floats[index] = values[index] ?? 0;
  return new BinaryWriter()
    .uint32(field * 8 + 2)
    .bytes(new Uint8Array(floats.buffer))
    .finish();
}

async function checkNearest(access: CollectionAccess, input: VectorInput): Promise<void> {
  const { variant } = input;
  if (variant.case === 'id') {
    checkPointId(variant.value, 'query.nearest.id');
    await access.facts();
  } else if (variant.case === 'dense') {
    await checkQueryVector(access, variant.value.data, 'query.nearest.dense.data');
  } else {
    throw fieldError('FIELD_INVALID', 'query.nearest', 'give `dense` (a vector) or `id` (a stored point)');
  }
}

async function checkQueryVector(
  access: CollectionAccess,
  vector: readonly number[],
  field: string,
): Promise<void> {
  const problem = await withVectorSize(
    access,
    (vectorSize) => caught(() => checkVector(vector, vectorSize, field)),
    (error) => error?.reason === 'VECTOR_DIMENSION_MISMATCH',
  );
  if (problem !== undefined) throw problem;
}

function caught(work: () => void): GatewayError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

// Memory for the candidates is taken before the search begins: one tenant's number must not cost all the others.
function checkParams(params: SearchParams | undefined): void {
  const { hnswEf, quantization } = params ?? {};
  if (hnswEf !== undefined && hnswEf > BigInt(maxHnswEf)) {
    throw fieldError('LIMIT_EXCEEDED', 'params.hnsw_ef', `at most ${maxHnswEf}, not ${hnswEf}`);
  }
  const oversampling = quantization?.oversampling;
  // Written so that NaN is refused too.
  if (oversampling !== undefined && !(oversampling >= 1 && oversampling <= maxOversampling)) {
    const range = `must be from 1 to ${maxOversampling}, not ${oversampling}`;
    throw fieldError('FIELD_INVALID', 'params.quantization.oversampling', range);
  }
}

const maxHnswEf = 10_000;
const maxOversampling = 100;

function checkThreshold(threshold: number | undefined): void {
  if (threshold !== undefined && !Number.isFinite(threshold)) {
    throw fieldError('FIELD_INVALID', 'score_threshold', 'must be a finite number');
  }
}
