import type { ServiceError } from '@grpc/grpc-js';
import { asTenant, readTypedError, type TypedError } from './clients.js';
import { DynamicClient } from './dynamic-client.js';

type Messages = Parameters<DynamicClient['call']>[2];

export interface Failure extends Pick<TypedError, 'reason' | 'violations'> {
  readonly code: number;
  readonly message: string;
}

/** One tenant's calls in plain JSON, as a person types them for grpcurl. Longs come back as strings, enums by name. */
export class JsonTenant {
  readonly #client: DynamicClient;
  readonly #tenant: string;

  constructor(address: string, tenant: string) {
    this.#client = new DynamicClient(address);
    this.#tenant = tenant;
  }

  /** The reply of `rpc`, such as "SearchPoints"; a client stream takes several messages. */
  call(rpc: string, ...messages: readonly object[]): Promise<unknown> {
    // Plain objects of tests are JSON, which their inferred types (optional fields, unions) do not say.
    const json = messages as Messages;
    const service = /Collection|PayloadIndex/.test(rpc) ? 'CollectionsService' : 'PointsService';
    return this.#client.call(`vectorgateway.v1.${service}/${rpc}`, asTenant(this.#tenant), json);
  }

  /** The typed error of a call that must fail. */
  async failure(rpc: string, ...messages: readonly object[]): Promise<Failure> {
    let reply: unknown;
    try {
      reply = await this.call(rpc, ...messages);
    } catch (error) {
      // grpc-js rejects with nothing else.
      const { code, details, metadata } = error as ServiceError;
      const typed = readTypedError(metadata);
      return {
        code,
        message: details,
        reason: typed?.reason ?? '(none)',
        violations: typed?.violations ?? [],
      };
    }
    throw new Error(`${rpc} succeeded: ${JSON.stringify(reply)}`);
  }

  close(): void {
    this.#client.close();
  }
}

/** A point of a reply; empty lists and defaults are left out of JSON. */
export interface JsonPoint {
  readonly id: { readonly num?: string; readonly uuid?: string };
  readonly score?: number;
  readonly payload?: object;
  readonly payloadStruct?: Readonly<Record<string, unknown>>;
  readonly vectors?: {
    readonly vector?: { readonly data?: number[]; readonly dense?: { readonly data?: number[] } };
  };
}

// The shapes of the replies as the .proto files declare them.
export const hitsOf = (reply: unknown): JsonPoint[] => (reply as { results?: JsonPoint[] }).results ?? [];
export const pointsOf = (reply: unknown): JsonPoint[] => (reply as { points?: JsonPoint[] }).points ?? [];
export const idsOf = (points: readonly JsonPoint[]): string[] =>
  points.map(({ id }) => id.num ?? id.uuid ?? '');
/** The floats of a returned vector, in the older or the newer form. */
export const floatsOf = (point: JsonPoint | undefined): number[] =>
  point?.vectors?.vector?.dense?.data ?? point?.vectors?.vector?.data ?? [];
