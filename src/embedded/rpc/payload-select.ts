import type { WithPayloadSelector } from '@qdrant/js-client-grpc';
import { isObject, type Json, type JsonObject } from '../model/json.js';
import { type JsonPath, type PathStep, parsePath } from '../model/json-path.js';
import { invalid } from '../store-status.js';

/** What replies show of a payload: all of it, nothing, or a copy with some paths. */
export type PayloadSelect = 'all' | 'none' | ((payload: JsonObject) => JsonObject);

/** Throws INVALID_ARGUMENT for an empty selector or a bad path. */
export function payloadSelect(
  selector: WithPayloadSelector | undefined,
  byDefault: 'all' | 'none',
): PayloadSelect {
  const options = selector?.selectorOptions;
  if (!options) return byDefault;
  switch (options.case) {
    case 'enable':
      return options.value ? 'all' : 'none';
    case 'include': {
      const patterns = options.value.fields.map(parsePath);
      return (payload) => filtered(payload, (path) => patterns.some((pattern) => meets(path, pattern)));
    }
    case 'exclude': {
      const patterns = options.value.fields.map(parsePath);
      return (payload) => filtered(payload, (path) => !patterns.some((pattern) => begins(path, pattern)));
    }
    case undefined:
      throw invalid('No PayloadSelector');
  }
}

type Keep = (path: readonly PathStep[]) => boolean;

const EVERY: PathStep = { every: true };

function filtered(object: JsonObject, keep: Keep, path: readonly PathStep[] = []): JsonObject {
  const kept: JsonObject = new Map();
  for (const [key, value] of object) {
    const at = [...path, { key }];
    if (keep(at)) kept.set(key, inner(value, keep, at));
  }
  return kept;
}

/** Elements of a list are at `[]`, never at an index: selectors with an index find none, as in Qdrant. */
function inner(value: Json, keep: Keep, path: readonly PathStep[]): Json {
  if (isObject(value)) return filtered(value, keep, path);
  if (!Array.isArray(value)) return value;
  const at = [...path, EVERY];
  return keep(at) ? value.map((member) => inner(member, keep, at)) : [];
}

function same(a: PathStep | undefined, b: PathStep | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if ('key' in a) return 'key' in b && a.key === b.key;
  return 'every' in a && 'every' in b;
}

/** One is the beginning of the other: on the way to what is asked for, or below it. */
const meets = (path: readonly PathStep[], pattern: JsonPath): boolean =>
  path.every((step, at) => at >= pattern.length || same(step, pattern[at]));

const begins = (path: readonly PathStep[], pattern: JsonPath): boolean =>
  pattern.length <= path.length && pattern.every((step, at) => same(step, path[at]));
