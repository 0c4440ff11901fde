import { type CapturedCall, type CapturingPeer, startCapturingPeer } from '../support/capturing-peer.js';
import { metadataOf, type Outcome, RawClient } from '../support/clients.js';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.js';
import type { Case, PublicRpc } from './rpcs.js';

/** A gateway in front of a peer that keeps every call. */
export interface Ground {
  readonly gateway: TestGateway;
  readonly peer: CapturingPeer;
  readonly client: RawClient;
  /** Calls as this tenant; further metadata goes along. */
  as(tenant: string, rpc: PublicRpc, request: Buffer | readonly Buffer[], ...more: Pair[]): Promise<Outcome>;
  close(): Promise<void>;
}

export type Pair = readonly [string, string];

export async function startGround(options: TestGatewayOptions = {}, peerKey?: string): Promise<Ground> {
  const peer = await startCapturingPeer(peerKey);
  const gateway = await startTestGateway({ ...options, backendAddress: peer.address });
  const client = new RawClient(gateway.address);
  return {
    gateway,
    peer,
    client,
    as: (tenant, rpc, request, ...more) =>
      client.call(rpc, request, metadataOf(['x-company-id', tenant], ...more)),
    close: async () => {
      client.close();
      await gateway.close();
      await peer.close();
    },
  };
}

/** The peer holds this collection, of 4 dimensions, and nothing else; its notes begin anew. */
export function onlyCollection(peer: CapturingPeer, ...physicalNames: readonly string[]): void {
  peer.collections.clear();
  for (const name of physicalNames) peer.collections.set(name, { vectorSize: 4, distance: 1, points: 2 });
  peer.calls.length = 0;
}

/** Calls that read or change data or collections; looking up whether and what a collection is, is none. */
export function dataCalls(calls: readonly CapturedCall[]): CapturedCall[] {
  return calls.filter(({ method }) => !lookups.has(method));
}

const lookups = new Set([
  'Collections/Get',
  'Collections/CollectionExists',
  'Collections/List',
  'Collections/ListAliases',
]);

/** Whether the RPC works on a collection that exists: it must not be there for a creation. */
export const needsCollection = ({ onMissing }: Case): boolean => onMissing !== 'is created';
