import { create, toBinary } from '@bufbuild/protobuf';
import type { sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthCheckReplySchema } from '@qdrant/js-client-grpc';
import { rawMethod } from './raw-method.js';
import type { AnyService } from './raw-services.js';
import { toStatus } from './status.js';

/** qdrant.Qdrant, which Qdrant's clients ask for the version before they say who they are. */
export const qdrantHealthService: AnyService = {
  healthCheck: rawMethod('/qdrant.Qdrant/HealthCheck'),
};

/** Answers with the backend's version, as Qdrant itself would. */
export function qdrantHealthImplementation(version: () => Promise<string>): UntypedServiceImplementation {
  return {
    healthCheck: (_call: unknown, callback: sendUnaryData<Buffer>) => {
      version().then(
        (known) => {
          const reply = create(HealthCheckReplySchema, { title, version: known });
          callback(null, Buffer.from(toBinary(HealthCheckReplySchema, reply)));
        },
        (error: unknown) => callback(toStatus(error)),
      );
    },
  };
}

const title = 'qdrant - vector search engine';
