import type { JsonValue } from '@bufbuild/protobuf';
import type { Answer } from './client.js';
import type { Fields, Step } from './recordings.js';
import { isFields } from './scrub.js';

/** Where numbers are computed, and the last digits are the machine's. */
const computed = new Set(['score', 'scores', 'data', 'values']);

/** What differs between the recorded and the actual answer, or undefined. */
export function compare(step: Step, got: Answer): string | undefined {
  if (step.code !== got.code) return `expected ${step.code}, got ${got.code} ${got.message ?? ''}`;
  const expected = step.response ?? {};
  const actual = got.response ?? {};
  if (isRanking(step)) return rankingDifference(listOf(expected.result), listOf(actual.result), step.ties);
  if (/^qdrant\.Points\/(Search|Query|Recommend|Discover)Batch$/.test(step.rpc)) {
    return batchDifference(listOf(expected.result), listOf(actual.result));
  }
  if (step.compare === 'groups') return difference(groupsById(expected), groupsById(actual), 'groups');
  // Get promises no order.
  if (step.rpc === 'qdrant.Points/Get')
    return difference(byId(expected.result), byId(actual.result), 'result');
  return difference(expected, actual, 'response');
}

function batchDifference(expected: JsonValue[], actual: JsonValue[]): string | undefined {
  if (expected.length !== actual.length) return `expected ${expected.length} results, got ${actual.length}`;
  const hits = (entry: JsonValue | undefined): JsonValue[] =>
    listOf(isFields(entry) ? entry.result : undefined);
  for (const [index, entry] of expected.entries()) {
    const found = rankingDifference(hits(entry), hits(actual[index]), undefined);
    if (found !== undefined) return `result ${index}: ${found}`;
  }
  return undefined;
}

function groupsById({ result }: Fields): JsonValue[] {
  return byId(isFields(result) ? result.groups : undefined);
}

/** Answers by score or by order value; a Query without query, and a plain Scroll, go by id. */
function isRanking({ rpc, request }: Step): boolean {
  if (rpc === 'qdrant.Points/Scroll') return request.orderBy !== undefined;
  if (rpc === 'qdrant.Points/Query') return isFields(request.query) && Object.keys(request.query).length > 0;
  return /^qdrant\.Points\/(Search|Recommend|Discover)$/.test(rpc);
}

/** Equal ranks position by position; inside a run of equal ranks the order is free, and where a page cuts it, who is in. */
function rankingDifference(
  expected: JsonValue[],
  actual: JsonValue[],
  ties: Step['ties'],
): string | undefined {
  if (expected.length !== actual.length) return `expected ${expected.length} hits, got ${actual.length}`;
  for (const [index, hit] of expected.entries()) {
    const [want, have] = [rankOf(hit), rankOf(actual[index])];
    if (!close(want, have))
      return `hit ${index}: expected ${want} (${idOf(hit)}), got ${have} (${idOf(actual[index])})`;
  }
  for (let start = 0, end = 0; start < expected.length; start = end) {
    end = start + 1;
    while (end < expected.length && close(rankOf(expected[end - 1]), rankOf(expected[end]))) end += 1;
    const cutAtEnd = end === expected.length && (ties === 'end' || ties === 'both');
    const cutAtStart = start === 0 && (ties === 'start' || ties === 'both');
    if (cutAtEnd || cutAtStart) continue;
    const found = difference(
      byId(expected.slice(start, end)),
      byId(actual.slice(start, end)),
      `hits from ${start}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function rankOf(hit: JsonValue | undefined): number {
  if (!isFields(hit)) return Number.NaN;
  if (isFields(hit.orderValue)) return Number(hit.orderValue.int ?? hit.orderValue.float ?? 0);
  return Number(hit.score ?? 0);
}

const listOf = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);
const idOf = (hit: JsonValue | undefined): string => JSON.stringify(isFields(hit) ? hit.id : hit);
const byId = (hits: JsonValue | undefined): JsonValue[] =>
  [...listOf(hits)].sort((left, right) => (idOf(left) < idOf(right) ? -1 : 1));

/** Deep equality; an empty list and an absent one are the same in proto3 JSON. */
function difference(
  expected: JsonValue | undefined,
  actual: JsonValue | undefined,
  path: string,
): string | undefined {
  const key = path.slice(path.lastIndexOf('.') + 1).replace(/\[\d+\]$/, '');
  const want = key === 'score' ? (expected ?? 0) : expected;
  const have = key === 'score' ? (actual ?? 0) : actual;
  if (isList(want) || isList(have)) return listDifference(want, have, path);
  if (isFields(want) && isFields(have)) {
    for (const name of new Set([...Object.keys(want), ...Object.keys(have)])) {
      const found = difference(want[name], have[name], `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const equal =
    Object.is(want, have) ||
    (computed.has(key) && isNumber(want) && close(Number(want), Number(have))) ||
    (key === 'doubleValue' && isNumber(want) && sameDouble(Number(want), Number(have)));
  return equal ? undefined : `${path}: expected ${show(want)}, got ${show(have)}`;
}

const isList = (value: JsonValue | undefined): value is JsonValue[] => Array.isArray(value);

function listDifference(
  expected: JsonValue | undefined,
  actual: JsonValue | undefined,
  path: string,
): string | undefined {
  const [want, have] = [expected ?? [], actual ?? []];
  if (!isList(want) || !isList(have)) return `${path}: expected ${show(expected)}, got ${show(actual)}`;
  if (want.length !== have.length) return `${path}: expected ${want.length} entries, got ${have.length}`;
  for (const [index, member] of want.entries()) {
    const found = difference(member, have[index], `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** proto3 JSON writes what is not finite as a text. */
const isNumber = (value: JsonValue | undefined): boolean =>
  typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';

function close(left: number, right: number): boolean {
  if (left === right || (Number.isNaN(left) && Number.isNaN(right))) return true;
  return Math.abs(left - right) <= 1e-5 * Math.max(Math.abs(left), Math.abs(right)) + 1e-6;
}

/** Qdrant's own reading of JSON is now and then one bit off: it answers 13.033333333333331 to 13.033333333333333. */
const sameDouble = (left: number, right: number): boolean =>
  Math.abs(left - right) <= Number.EPSILON * Math.max(Math.abs(left), Math.abs(right));

const show = (value: JsonValue | undefined): string => (JSON.stringify(value) ?? 'nothing').slice(0, 160);
