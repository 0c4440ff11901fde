import { createFileRegistry, type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import type { Outcome } from '../support/clients.js';
import { varint } from '../support/wire-bytes.js';
import { missingTwinOf, type Tenant, tenants } from './fuzz-world.js';
import { servedDescriptors } from './rpcs.js';
import { everythingIn, transcriptOf } from './transcript.js';

/** What must be in no answer to this tenant, by its bytes: numbers as protobuf writes them. */
export class Oracle {
  readonly #forbidden: ReadonlyMap<string, string>;

  constructor(viewer: string) {
    const forbidden = new Map([['canary-of-', 'a word of the backend']]);
    const foreign = tenants.filter(({ id }) => id !== viewer);
    for (const tenant of foreign) for (const [bytes, what] of secretsOf(tenant)) forbidden.set(bytes, what);
    for (const { id, word, vault } of tenants) {
      forbidden.set(`company_${id}_${vault}`, 'a physical name');
      // Others send such names, and may be told them.
      if (id === viewer) forbidden.set(`company_${id}_${word}`, 'a physical name');
    }
    this.#forbidden = forbidden;
  }

  /** What is wrong with an answer; undefined when nothing is. */
  faultIn(outcome: Outcome): string | undefined {
    if (outcome.code === status.INTERNAL || outcome.code === status.UNKNOWN) {
      return `is ${status[outcome.code]}: ${outcome.message}`;
    }
    const everything = everythingIn(outcome);
    for (const [bytes, what] of this.#forbidden) if (everything.includes(bytes)) return `holds ${what}`;
    return undefined;
  }
}

function secretsOf(tenant: Tenant): [string, string][] {
  const of = `of tenant ${tenant.id}`;
  const float = Buffer.alloc(4);
  float.writeFloatLE(tenant.secretFloat);
  const bytes = (value: bigint): string => varint(value).toString('latin1');
  return [
    [tenant.secretWord, `a payload ${of}`],
    [tenant.vault, `the name of a collection ${of}`],
    [tenant.secretUuid, `an id ${of}`],
    ...tenant.secretIds.map((id): [string, string] => [bytes(id), `an id ${of}`]),
    [float.toString('latin1'), `a score or a vector ${of}`],
    [bytes(tenant.secretCount), `a count ${of}`],
  ];
}

/** Physical names at the backend that are not of the tenant whose call it was. */
export function strangersAmong(names: readonly string[], tenantId: string): string[] {
  return names.filter((name) => !name.startsWith(`company_${tenantId}_`));
}

/**
 * What a caller sees of a call about a foreign name, or of its twin about a missing one, with the names made equal.
 * Without the reply where only the caller's own points are in it.
 */
export function comparable(outcome: Outcome, output: DescMessage, withReply: boolean): string {
  const { reply, ...seen } = transcriptOf(outcome);
  const body = withReply && reply !== undefined ? withoutTimes(output, Buffer.from(reply, 'hex')) : '';
  let text = JSON.stringify({ ...seen, body });
  for (const known of tenants.flatMap((tenant) => tenant.known)) {
    text = text.replaceAll(known, missingTwinOf(known));
  }
  return text.replace(/(home-\d)-o/g, '$1-g');
}

/** The reply as text, but for what differs from call to call by design; payloads have no order. */
export function withoutTimes(desc: DescMessage, reply: Uint8Array): string {
  return JSON.stringify(toJson(desc, fromBinary(desc, reply), { registry }), (key, value: unknown) => {
    if (changing.has(key)) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

// For details of statuses inside replies.
const registry = createFileRegistry(servedDescriptors());

// Cursors and sessions hold the collection's name in a form of their own.
const changing: ReadonlySet<string> = new Set(['time', 'operationId', 'usage', 'cursor', 'session']);
