import { invalid } from '../store-status.js';
import { cloneObject, isObject, type Json, type JsonObject } from './json.js';

/** One step of a payload path: a key, an index `[0]`, or `[]` for every element. */
export type PathStep = { key: string } | { index: number } | { every: true };
export type JsonPath = readonly [{ key: string }, ...PathStep[]];

const MAX_PATH_CHARACTERS = 4096;
const KEY = /^(?:"([^"\\]*)"|([\p{Alphabetic}\p{N}_-]+))/u;
const INDEX = /^\[(\d*)\]/;

/** Parses `a.b`, `a[].b`, `a[0]`, `"quoted key".b`; throws INVALID_ARGUMENT for anything else. */
export function parsePath(text: string): JsonPath {
  const fault = () => invalid(`Invalid json path: '${text.slice(0, 200)}'`);
  if (text.length > MAX_PATH_CHARACTERS) throw fault();
  const takeKey = (at: number): [string, number] => {
    const match = KEY.exec(text.slice(at));
    if (!match) throw fault();
    return [match[1] ?? match[2] ?? '', at + match[0].length];
  };
  let [key, at] = takeKey(0);
  const path: [{ key: string }, ...PathStep[]] = [{ key }];
  while (at < text.length) {
    if (text[at] === '.') {
      [key, at] = takeKey(at + 1);
      path.push({ key });
      continue;
    }
    const match = INDEX.exec(text.slice(at));
    if (!match) throw fault();
    path.push(match[1] === '' ? { every: true } : { index: Number(match[1]) });
    at += match[0].length;
  }
  return path;
}

/** The values at a path. An array is entered only where the path says so. */
export function valuesAt(payload: JsonObject, path: JsonPath): Json[] {
  const found: Json[] = [];
  collect(payload, path, 0, found);
  return found;
}

function collect(value: Json, path: readonly PathStep[], at: number, found: Json[]): void {
  const step = path[at];
  if (step === undefined) {
    found.push(value);
  } else if ('key' in step) {
    const member = isObject(value) ? value.get(step.key) : undefined;
    if (member !== undefined) collect(member, path, at + 1, found);
  } else if (!Array.isArray(value)) {
    return;
  } else if ('index' in step) {
    const member = value[step.index];
    if (member !== undefined) collect(member, path, at + 1, found);
  } else {
    for (const member of value) collect(member, path, at + 1, found);
  }
}

/** Merges `source` into the object at `path`, making what is missing on the way; what is no object is replaced. */
export function mergeAt(payload: JsonObject, path: JsonPath, source: JsonObject): void {
  edit(payload, path, 0, (old) => {
    const target: JsonObject = isObject(old) ? old : new Map();
    for (const [key, value] of cloneObject(source)) target.set(key, value);
    return target;
  });
}

function edit(value: Json, path: readonly PathStep[], at: number, change: (old: Json) => Json): Json {
  const step = path[at];
  if (step === undefined) return change(value);
  if ('key' in step) {
    const object: JsonObject = isObject(value) ? value : new Map();
    object.set(step.key, edit(object.get(step.key) ?? null, path, at + 1, change));
    return object;
  }
  // Elements that do not exist are not made: a path into an array changes only what is there.
  const list: Json[] = Array.isArray(value) ? value : [];
  const indexes = 'index' in step ? [step.index] : list.keys();
  for (const index of indexes) {
    const member = list[index];
    if (member !== undefined) list[index] = edit(member, path, at + 1, change);
  }
  return list;
}

/** Removes what is at `path`. A trailing `[]` empties the list; a trailing index removes nothing, as in Qdrant. */
export function removeAt(payload: JsonObject, path: JsonPath): void {
  remove(payload, path, 0);
}

function remove(value: Json, path: readonly PathStep[], at: number): void {
  const step = path[at];
  if (step === undefined) return;
  const last = at === path.length - 1;
  if ('key' in step) {
    if (!isObject(value)) return;
    if (last) value.delete(step.key);
    else remove(value.get(step.key) ?? null, path, at + 1);
    return;
  }
  if (!Array.isArray(value)) return;
  if ('every' in step && last) value.length = 0;
  else if ('index' in step) remove(value[step.index] ?? null, path, at + 1);
  else for (const member of value) remove(member, path, at + 1);
}
