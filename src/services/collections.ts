import { create, toBinary } from '@bufbuild/protobuf';
import {
  CollectionParamsDiffSchema,
  CreateCollectionSchema,
  DeleteCollectionSchema,
  type HnswConfigDiff,
  HnswConfigDiffSchema,
  OptimizersConfigDiffSchema,
  UpdateCollectionSchema,
} from '@qdrant/js-client-grpc';
import { fieldError, GatewayError } from '../errors/index.js';
import {
  CreateCollectionRequest,
  CreateCollectionResponse,
  DeleteCollectionRequest,
  DeleteCollectionResponse,
  Distance,
  GetCollectionRequest,
  GetCollectionResponse,
  type HnswConfig,
  UpdateCollectionRequest,
  UpdateCollectionResponse,
} from '../gen/vectorgateway/v1/collections_service.js';
import { CollectionAccess, collectionNotFound } from './collection-access.js';
import { describeCollection } from './collection-description.js';
import { decodeOwn } from './decode-own.js';
import type { UnaryUseCase } from './deps.js';

/** CreateCollection: the existence is checked first, and a race is told like an existing one. */
export const createCollection: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeOwn(CreateCollectionRequest, 'CreateCollectionRequest', request);
  const access = new CollectionAccess(deps, scope, message.collection, context);
  const wanted = wantedShape(message);
  const hnswConfig = hnswOf(message.hnswConfig);
  const existing = await describeIfExists(access);
  if (existing !== undefined) return answerExisting(message, wanted, existing);
  const body = toBinary(
    CreateCollectionSchema,
    create(CreateCollectionSchema, {
      vectorsConfig: {
        config: { case: 'params', value: { size: wanted.vectorSize, distance: Number(wanted.distance) } },
      },
      hnswConfig,
      onDiskPayload: message.onDiskPayload,
    }),
  );
  try {
    await access.call('Collections/Create', body);
  } catch (error) {
    const raced = error instanceof GatewayError && error.reason === 'COLLECTION_ALREADY_EXISTS';
    const winner = raced ? await describeIfExists(access) : undefined;
    if (winner === undefined) throw error;
    return answerExisting(message, wanted, winner);
  }
  // What is remembered may be of an earlier collection of this name.
  access.forgetFacts();
  const collection = await describeCollection(access);
  return CreateCollectionResponse.encode({ collection, created: true }).finish();
};

/** GetCollection. */
export const getCollection: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeOwn(GetCollectionRequest, 'GetCollectionRequest', request);
  const access = new CollectionAccess(deps, scope, message.collection, context);
  return GetCollectionResponse.encode({ collection: await describeCollection(access) }).finish();
};

/** UpdateCollection: settings that do not change what is stored. */
export const updateCollection: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeOwn(UpdateCollectionRequest, 'UpdateCollectionRequest', request);
  const access = new CollectionAccess(deps, scope, message.collection, context);
  const { optimizersConfig, params, hnswConfig } = message;
  if (optimizersConfig === undefined && params === undefined && hnswConfig === undefined) {
    throw fieldError(
      'FIELD_INVALID',
      'collection',
      'nothing to change: set optimizers_config, params or hnsw_config',
    );
  }
  checkShare('optimizers_config.deleted_threshold', optimizersConfig?.deletedThreshold);
  checkAtLeast('optimizers_config.vacuum_min_vector_number', optimizersConfig?.vacuumMinVectorNumber, 100n);
  const update = create(UpdateCollectionSchema, {
    optimizersConfig: optimizersConfig && create(OptimizersConfigDiffSchema, optimizersConfig),
    params: params && create(CollectionParamsDiffSchema, params),
    hnswConfig: hnswOf(hnswConfig),
  });
  await describeCollection(access);
  await access.call('Collections/Update', toBinary(UpdateCollectionSchema, update));
  return UpdateCollectionResponse.encode({ collection: await describeCollection(access) }).finish();
};

/** DeleteCollection with all its points. */
export const deleteCollection: UnaryUseCase = async (deps, scope, request, context) => {
  const message = decodeOwn(DeleteCollectionRequest, 'DeleteCollectionRequest', request);
  const access = new CollectionAccess(deps, scope, message.collection, context);
  const exists = (await describeIfExists(access)) !== undefined;
  if (!exists && message.ifExists !== true) throw collectionNotFound(message.collection);
  if (exists) {
    try {
      await access.call(
        'Collections/Delete',
        toBinary(DeleteCollectionSchema, create(DeleteCollectionSchema)),
      );
    } finally {
      // Also when it failed: it may have been deleted all the same.
      access.forgetFacts();
    }
  }
  return DeleteCollectionResponse.encode({ result: exists }).finish();
};

// Memory for the links is taken for each point: one tenant's number must not cost all the others.
function hnswOf(config: HnswConfig | undefined): HnswConfigDiff | undefined {
  if (config === undefined) return undefined;
  checkAtMost('hnsw_config.m', config.m, maxHnswLinks);
  checkAtMost('hnsw_config.ef_construct', config.efConstruct, maxEfConstruct);
  checkAtLeast('hnsw_config.ef_construct', config.efConstruct, 4n);
  // The fields have the same names in both schemas; the types do not know that.
  return create(HnswConfigDiffSchema, config);
}

function checkAtMost(field: string, value: bigint | undefined, most: bigint): void {
  if (value === undefined || value <= most) return;
  throw fieldError('LIMIT_EXCEEDED', field, `at most ${most}, not ${value}`);
}

function checkAtLeast(field: string, value: bigint | undefined, least: bigint): void {
  if (value === undefined || value >= least) return;
  throw fieldError('FIELD_INVALID', field, `must be at least ${least}, not ${value}`);
}

// Qdrant 1.18 takes NaN, writes it down as null, and does not start again on what it wrote.
function checkShare(field: string, value: number | undefined): void {
  if (value === undefined || (value >= 0 && value <= 1)) return;
  throw fieldError('FIELD_INVALID', field, `must be from 0 to 1, not ${value}`);
}

interface Shape {
  readonly vectorSize: bigint;
  readonly distance: Distance;
}

function wantedShape(message: CreateCollectionRequest): Shape {
  const vectorSize = message.vectorSize ?? defaultVectorSize;
  if (vectorSize < 1n || vectorSize > maxVectorSize) {
    throw fieldError('FIELD_INVALID', 'vector_size', `must be from 1 to ${maxVectorSize}, not ${vectorSize}`);
  }
  const distance = message.distance || Distance.DISTANCE_COSINE;
  if (distance < Distance.DISTANCE_COSINE || distance > Distance.DISTANCE_MANHATTAN) {
    throw fieldError('FIELD_INVALID', 'distance', `${distance} is not a distance (1 Cosine to 4 Manhattan)`);
  }
  return { vectorSize, distance };
}

type Description = Awaited<ReturnType<typeof describeCollection>>;

async function describeIfExists(access: CollectionAccess): Promise<Description | undefined> {
  try {
    return await describeCollection(access);
  } catch (error) {
    if (error instanceof GatewayError && error.reason === 'COLLECTION_NOT_FOUND') return undefined;
    throw error;
  }
}

function answerExisting(message: CreateCollectionRequest, wanted: Shape, existing: Description): Uint8Array {
  const name = `collection "${message.collection}"`;
  if (message.ifNotExists !== true) {
    throw new GatewayError(
      'COLLECTION_ALREADY_EXISTS',
      `${name} exists already (if_not_exists accepts that)`,
    );
  }
  if (existing.vectorSize !== wanted.vectorSize || existing.distance !== wanted.distance) {
    const shape = (size: bigint, distance: Distance) => `vector_size ${size} and ${Distance[distance]}`;
    throw new GatewayError(
      'COLLECTION_MISMATCH',
      `${name} exists with ${shape(existing.vectorSize, existing.distance)}, not ${shape(wanted.vectorSize, wanted.distance)}`,
    );
  }
  return CreateCollectionResponse.encode({ collection: existing, created: false }).finish();
}

// text-embedding-3-small: 1536 floats, compared by Cosine.
const defaultVectorSize = 1536n;
const maxVectorSize = 65_536n;
const maxHnswLinks = 1024n;
const maxEfConstruct = 10_000n;
