import { homesOf } from './fuzz-calls.js';
import { strangersAmong } from './fuzz-oracle.js';
import { tellingReply } from './fuzz-peer.js';
import type { FuzzGround } from './fuzz-run.js';
import { knownCount, outsider, tenants } from './fuzz-world.js';
import { type Ground, startGround } from './ground.js';
import { collectionsNamedIn, hasUnknownFields } from './qdrant-names.js';

const physicalNames = [
  ...tenants.flatMap(({ id, known, vault }) =>
    [...known, vault, 'docs'].map((name) => `company_${id}_${name}`),
  ),
  ...Array.from({ length: knownCount }, (_, slot) => homesOf(slot))
    .flat()
    .map((name) => `company_${outsider}_${name}`),
];

/** A gateway before a peer that notes what reaches it, and gives away whatever it is asked about. */
export async function startPeerGround(): Promise<FuzzGround & { close(): Promise<void> }> {
  const ground = await startGround();
  ground.peer.answerWith(tellingReply);
  return {
    comparesPoints: true,
    call: ({ tenant, rpc, messages }) => ground.as(tenant, rpc, messages),
    prepare: async () => reset(ground),
    faultBehind: async (_batch, tenant) => faultOf(ground, tenant),
    resetOutsider: async () => reset(ground),
    close: ground.close,
  };
}

function reset({ peer, gateway }: Ground): void {
  gateway.logLines.length = 0;
  peer.calls.length = 0;
  peer.collections.clear();
  for (const name of physicalNames) peer.collections.set(name, { vectorSize: 4, distance: 1, points: 2 });
}

function faultOf({ peer }: Ground, tenant: string): string | undefined {
  for (const call of peer.calls) {
    const [stranger] = strangersAmong(collectionsNamedIn(call), tenant);
    const at = `${call.method} ${call.request.toString('hex')}`;
    if (stranger !== undefined) return `the backend was asked about ${stranger}: ${at}`;
    if (hasUnknownFields(call)) return `the backend was sent fields that nobody has checked: ${at}`;
  }
  return undefined;
}
