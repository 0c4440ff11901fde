import { type DescMessage, toBinary } from '@bufbuild/protobuf';
import type { CollectionMethod } from '../../backend/index.js';
import type { UnaryUseCase } from '../deps.js';
import { bounded } from '../reply-bound.js';
import { type AboutCollection, readCollectionRequest, readRequest } from '../request.js';

/** A call about a collection that exists: checked whole, then Qdrant's to answer. */
export function pass<Desc extends DescMessage>(
  method: CollectionMethod,
  schema: AboutCollection<Desc>,
  { changesShape = false }: { readonly changesShape?: boolean } = {},
): UnaryUseCase {
  return async (deps, scope, request, context) => {
    const { access, message } = await readRequest(deps, scope, schema, request, context);
    try {
      return bounded(await access.call(method, toBinary(schema, message)), deps.maxReplyBytes);
    } finally {
      if (changesShape) access.forgetFacts();
    }
  };
}

/** A call that makes, changes, removes or looks for a collection. */
export function passCollection<Desc extends DescMessage>(
  method: CollectionMethod,
  schema: AboutCollection<Desc>,
): UnaryUseCase {
  return async (deps, scope, request, context) => {
    const { access, message } = readCollectionRequest(deps, scope, schema, request, context);
    try {
      return bounded(await access.call(method, toBinary(schema, message)), deps.maxReplyBytes);
    } finally {
      // Also when it failed: it may have been done all the same.
      access.forgetFacts();
    }
  };
}
