import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// What the types cannot say: who may mint a scope, and that nothing steps past the types.
const root = resolve(__dirname, '../../src');
const sources: readonly (readonly [string, string])[] = readdirSync(root, {
  recursive: true,
  encoding: 'utf8',
})
  .filter((name) => name.endsWith('.ts') && !name.startsWith('gen/'))
  .map((name) => [name, readFileSync(join(root, name), 'utf8')]);

const filesWith = (pattern: RegExp): string[] =>
  sources
    .filter(([, text]) => pattern.test(text))
    .map(([name]) => name)
    .sort();

test('one file of the transport mints scopes', () => {
  expect(filesWith(/from '[^']*\/mint\.js'/)).toEqual(['transport/authorizer.ts']);
  expect(filesWith(/\bconstructScope\b/)).toEqual(['tenancy/mint.ts', 'tenancy/scope.ts']);
});

test('scopes and physical names are constructed in their own file only, and never cast', () => {
  expect(filesWith(/new (TenantScope|PhysicalName)\(/)).toEqual(['tenancy/scope.ts']);
  expect(filesWith(/\bas (unknown as )?(TenantScope|PhysicalName)\b/)).toEqual([]);
  expect(filesWith(/<(TenantScope|PhysicalName)>\s*\(?\{/)).toEqual([]);
});

test('outside of tenancy and the backend, the text of a physical name is only a key of the facts cache', () => {
  const readers = filesWith(/\.forBackend\b/).filter((name) => !/^(tenancy|backend)\//.test(name));
  expect(readers).toEqual(['services/facts.ts']);
});

test('services are added to the server in one place', () => {
  const added = sources.flatMap(([name, text]) =>
    name.startsWith('embedded/') ? [] : (text.match(/\.addService\(/g) ?? []).map(() => name),
  );
  expect(added).toEqual(['transport/server.ts']);
});

test('a list of all collections is asked for where it is filtered', () => {
  const askers = filesWith(/\.listCollections\(/);
  expect(askers.filter((name) => !name.startsWith('backend/'))).toEqual(['services/list-collections.ts']);
});
