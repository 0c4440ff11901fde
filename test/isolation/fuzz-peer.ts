import { create, type DescField, type DescMessage, ScalarType, toBinary } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { CapturedCall } from '../support/capturing-peer.js';
import { type Tenant, tenants } from './fuzz-world.js';
import { collectionsNamedIn, qdrantMethod } from './qdrant-names.js';

/**
 * A reply to a read that gives away every collection the request names: an element for each of them in every list,
 * with the payload, ids, scores and counts of its owner. Undefined for calls that read no points.
 */
export function tellingReply(call: CapturedCall): Buffer | undefined {
  const { output } = qdrantMethod(call.method);
  if (!call.method.startsWith('Points/') || writes.test(output.typeName)) return undefined;
  const owners = collectionsNamedIn(call).flatMap((name) => ownerOf(name) ?? []);
  const [first = nobody] = owners;
  return Buffer.from(toBinary(output, fill(output, first, owners, 0).message));
}

const writes = /PointsOperationResponse|UpdateBatchResponse/;

function ownerOf(physicalName: string): Tenant | undefined {
  return tenants.find(({ id }) => physicalName.startsWith(`company_${id}_`));
}

/** Of what belongs to the outsider, whose points nobody would miss. */
const nobody: Pick<Tenant, 'secretIds' | 'secretWord' | 'secretFloat' | 'secretCount'> = {
  secretIds: [7n],
  secretWord: 'nothing',
  secretFloat: 0.5,
  secretCount: 7n,
};
type Secrets = typeof nobody;

function fill(
  desc: DescMessage,
  secrets: Secrets,
  owners: readonly Secrets[],
  depth: number,
): ReflectMessage {
  const message = reflect(desc, create(desc));
  const chosen = desc.oneofs.map(({ fields }) => fields[0]);
  for (const field of desc.fields) {
    if (field.oneof !== undefined && !chosen.includes(field)) continue;
    if (depth > 8 || skipped.has(field.name)) continue;
    if (field.fieldKind === 'list') {
      for (const owner of owners.length > 0 ? owners : [secrets])
        message.get(field).add(madeFor(field, owner, owners, depth));
    } else if (field.fieldKind === 'map') {
      message.get(field).set('secret', madeFor(field, secrets, owners, depth));
    } else {
      message.set(field, madeFor(field, secrets, owners, depth));
    }
  }
  return message;
}

// With an offset an export would ask for page after page.
const skipped: ReadonlySet<string> = new Set(['next_page_offset', 'time', 'usage', 'shard_key']);

function madeFor(field: DescField, secrets: Secrets, owners: readonly Secrets[], depth: number): unknown {
  const { message } = field;
  if (message?.typeName === 'qdrant.Value') {
    const value = reflect(message, create(message));
    value.set(message.field.stringValue as DescField, secrets.secretWord);
    return value;
  }
  if (message !== undefined) return fill(message, secrets, owners, depth + 1);
  if (field.enum !== undefined) return 2;
  switch (field.scalar) {
    case ScalarType.STRING:
      return secrets.secretWord;
    case ScalarType.BOOL:
      return true;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return secrets.secretFloat;
    case ScalarType.BYTES:
      return Buffer.from(secrets.secretWord);
    case ScalarType.UINT32:
      return 3;
    default:
      return field.name === 'count' ? secrets.secretCount : (secrets.secretIds[0] ?? 0n);
  }
}
