import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '@bufbuild/protobuf';

export type Fields = { readonly [key: string]: JsonValue };

/** One recorded call. */
export interface Step {
  /** Such as "qdrant.Points/Search". */
  readonly rpc: string;
  readonly request: Fields;
  /** The name of the status, such as "OK". */
  readonly code: string;
  readonly response?: Fields;
  /** The page cuts a run of equal scores here. */
  readonly ties?: 'start' | 'end' | 'both';
  /** Groups of equal rank come in any order. */
  readonly compare?: 'groups' | 'facet' | 'matrix';
}

export interface Case {
  readonly case: string;
  readonly about: string;
  readonly fixture?: string;
  readonly mutates?: boolean;
  readonly steps: readonly Step[];
}

interface Fixture {
  readonly steps: readonly Step[];
  readonly after?: { readonly fixture: string; readonly collection: string; readonly as: string };
}

export const topics = ['collections', 'points', 'distances', 'payload', 'scroll', 'filters'] as const;

/** Those that the embedded store does not serve yet: a real Qdrant is compared with itself. */
export const furtherTopics = [
  'batch_update',
  'errors',
  'groups_facets',
  'indexes',
  'named_vectors',
  'query',
  'sparse_multi',
] as const;

const folder = join(__dirname, '..', '..', 'golden');

const lines = (path: string): unknown[] =>
  readFileSync(join(folder, path), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

// The casts: these files are part of the tests, and a wrong shape fails them.
export const readCases = (topic: string) => lines(`${topic}.jsonl`) as Case[];

/** What the embedded store does not do, or what the gateway does not let through. */
export const readExceptions = (name: 'exceptions' | 'guards' = 'exceptions') =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Record<string, string>;

export function readFixture(name: string): readonly Step[] {
  const [fixture] = lines(join('fixtures', `${name}.jsonl`)) as Fixture[];
  if (fixture === undefined) throw new Error(`the fixture ${name} is empty`);
  if (fixture.after === undefined) return fixture.steps;
  const { fixture: earlier, collection, as } = fixture.after;
  const before = readFixture(earlier).map((step) =>
    step.request.collectionName === collection
      ? { ...step, request: { ...step.request, collectionName: as } }
      : step,
  );
  return [...before, ...fixture.steps];
}

const nameKeys = new Set(['collectionName', 'aliasName', 'newAliasName', 'oldAliasName']);

/** Names of collections and aliases in the requests. */
export function namesIn(steps: readonly Step[]): Set<string> {
  const names = new Set<string>();
  const walk = (value: JsonValue): void => {
    if (Array.isArray(value)) for (const member of value) walk(member);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (nameKeys.has(key) && typeof member === 'string') names.add(member);
        else walk(member);
      }
    }
  };
  for (const { request } of steps) walk(request);
  return names;
}
