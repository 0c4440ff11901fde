/**
 * Payload values as the store works with them. Integers are `bigint` because Qdrant keeps int64 apart from
 * double; objects are a `Map` because keys such as `__proto__` are data.
 */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

export const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map;

/** A number to compare in ranges: integers and doubles alike; undefined for anything else. */
export function numberOf(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : undefined;
}

export function cloneJson(value: Json): Json {
  if (Array.isArray(value)) return value.map(cloneJson);
  if (isObject(value)) return cloneObject(value);
  return value;
}

export function cloneObject(object: JsonObject): JsonObject {
  const copy: JsonObject = new Map();
  for (const [key, value] of object) copy.set(key, cloneJson(value));
  return copy;
}
