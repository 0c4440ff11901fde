import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { CollectionMethod } from '../../backend/index.js';
import type { UnaryUseCase } from '../deps.js';
import { bounded } from '../reply-bound.js';
import { type AboutCollection, readCollectionRequest, readEncoded } from '../request.js';

/** A call about a collection that exists: checked whole, then Qdrant's to answer. */
export function pass<Desc extends DescMessage>(
  method: CollectionMethod,
  schema: AboutCollection<Desc>,
  { changesShape = false }: { readonly changesShape?: boolean } = {},
): UnaryUseCase {
  return async (deps, scope, request, context) => {
    const { access, body } = await readEncoded(deps, scope, schema, request, context);
    try {
      return bounded(await access.call(method, body), deps.maxReplyBytes);
    } finally {
      if (changesShape) access.forgetFacts();
    }
  };
}

/** A call that makes, changes, removes or looks for a collection. */
export function passCollection<Desc extends DescMessage>(
  method: CollectionMethod,
  schema: AboutCollection<Desc>,
  check?: (message: MessageShape<Desc>) => void,
): UnaryUseCase {
  return async (deps, scope, request, context) => {
    const encoded = () => {
      const { access, message } = readCollectionRequest(deps, scope, schema, request, context);
      check?.(message);
      return { access, body: toBinary(schema, message) };
    };
    const { access, body } = encoded();
    try {
      return bounded(await access.call(method, body), deps.maxReplyBytes);
    } finally {
      // Also when it failed: it may have been done all the same.
      access.forgetFacts();
    }
  };
}
