import type { JsonValue } from '@bufbuild/protobuf';
import type { Fields } from './recordings.js';

/** Differ from run to run, and are not recorded. */
const volatile = new Set(['time', 'usage', 'operationId', 'version']);

/** Cuts a reply down to what the recordings hold; `names` are the collections and aliases of the case. */
export function scrub(rpc: string, response: Fields, names: ReadonlySet<string>): Fields {
  const reply = withoutVolatile(response);
  if (rpc === 'qdrant.Collections/Get' && reply.result !== undefined)
    return { result: description(reply.result) };
  if (rpc === 'qdrant.Collections/List')
    return { collections: listed(reply.collections, 'name', 'name', names) };
  if (/Aliases$/.test(rpc) && reply.aliases !== undefined) {
    return { aliases: listed(reply.aliases, 'collectionName', 'aliasName', names) };
  }
  return reply;
}

function withoutVolatile(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => !volatile.has(key))
      // A payload is the caller's: a key "time" there is data.
      .map(([key, value]) => [key, key === 'payload' ? value : scrubbed(value)]),
  );
}

function scrubbed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(scrubbed);
  return isFields(value) ? withoutVolatile(value) : value;
}

/** Of a collection: its parameters, metadata, payload indexes and number of points. */
function description(result: JsonValue): Fields {
  const { config, payloadSchema, pointsCount } = isFields(result) ? result : {};
  const { params, metadata } = config !== undefined && isFields(config) ? config : {};
  return dropUndefined({
    config: dropUndefined({ params, metadata }),
    payloadSchema: payloadSchema ?? {},
    pointsCount,
  });
}

const dropUndefined = (fields: Readonly<Record<string, JsonValue | undefined>>): Record<string, JsonValue> =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );

/** The entries of the case, sorted: the server may hold others. */
function listed(
  list: JsonValue | undefined,
  owner: string,
  by: string,
  names: ReadonlySet<string>,
): JsonValue[] {
  const entries = Array.isArray(list) ? list.filter(isFields) : [];
  return entries
    .filter((entry) => names.has(String(entry[owner])))
    .sort((left, right) => (String(left[by]) < String(right[by]) ? -1 : 1));
}

export function isFields(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
