import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from '@swc/core';

// The rules of the sources that no other tool holds. A failure names the file; the rule is the name of the test.
const root = resolve(__dirname, '..');

/** A folder imports only folders of lower rank: the way of a request, from the outside in. */
const ranks: Readonly<Record<string, number>> = {
  'main.ts': 7,
  cli: 6,
  app: 5,
  transport: 4,
  services: 3,
  backend: 2,
  embedded: 2,
  client: 2,
  identity: 2,
  tenancy: 1,
  wire: 1,
  observe: 1,
  config: 1,
  errors: 0,
  gen: 0,
};
/** The embedded store is a separate room: of the gateway it knows the protocol and these. */
const allowedInEmbedded = ['wire', 'gen', 'errors', 'observe'];

const budget = { medianLines: 110, fileLines: 400, functionLines: 50 };

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
]);

interface Source {
  /** Path below src, with slashes. */
  readonly name: string;
  readonly text: string;
  readonly folder: string;
  readonly nodes: readonly Node[];
  /** Files below src that it imports, types too. */
  readonly imports: readonly string[];
}

interface Node {
  readonly type: string;
  readonly kind?: unknown;
  readonly source?: { readonly value?: string } | null;
  /** First and last line, from 1. */
  readonly lines: readonly [number, number];
}

const sources: readonly Source[] = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('gen/'))
  .map(readSource);

function readSource(name: string): Source {
  const text = readFileSync(join(root, 'src', name), 'utf8');
  const nodes = parse(text);
  const imports = nodes
    .map(({ source }) => source?.value)
    .filter((from): from is string => from?.startsWith('.') === true)
    .map((from) =>
      relative(join(root, 'src'), resolve(root, 'src', dirname(name), from)).replace(/\.js$/, '.ts'),
    );
  return { name, text, folder: name.split('/')[0] ?? '', nodes, imports };
}

function parse(text: string): Node[] {
  // Positions of swc count on from one parse to the next: the statement put in front marks where this one begins.
  const marked = Buffer.from(`;${text.replace(/^#!.*/, '')}`);
  const module = parseSync(marked.toString(), { syntax: 'typescript', target: 'es2022' });
  const base = module.body[0]?.span.start ?? 0;
  const lineOf = (at: number) =>
    marked
      .subarray(0, at - base)
      .toString()
      .split('\n').length;
  const nodes: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    if (interesting(value)) {
      nodes.push({ ...value, lines: [lineOf(value.span.start), lineOf(value.span.end)] });
    }
    Object.values(value).forEach(visit);
  };
  visit(module.body);
  return nodes;
}

type Found = Omit<Node, 'lines'> & { readonly span: { start: number; end: number } };

function interesting(value: object): value is Found {
  if (!('type' in value) || typeof value.type !== 'string' || !('span' in value)) return false;
  return functionTypes.has(value.type) || /^(Import|Export|TsKeywordType)/.test(value.type);
}

const tracked = (): string[] =>
  existsSync(join(root, '.git'))
    ? execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
    : [];

const linesOf = (text: string): number => text.trimEnd().split('\n').length;

test('files are short: half of them within the median, none above the cap', () => {
  const lengths = sources.map(({ text }) => linesOf(text)).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(budget.medianLines);
  const long = sources.filter(({ text }) => linesOf(text) > budget.fileLines).map(({ name }) => name);
  expect(long).toEqual([]);
});

test('functions are short', () => {
  const long = sources.flatMap(({ name, nodes }) =>
    nodes
      .filter(({ type, lines }) => functionTypes.has(type) && lines[1] - lines[0] + 1 > budget.functionLines)
      .map(({ lines }) => `${name}:${lines[0]} has ${lines[1] - lines[0] + 1} lines`),
  );
  expect(long).toEqual([]);
});

test('nothing is of type any, and nothing is exported as the default', () => {
  const found = sources.flatMap(({ name, nodes }) =>
    nodes
      .filter(({ type, kind }) => (type === 'TsKeywordType' && kind === 'any') || /^ExportDefault/.test(type))
      .map(({ lines }) => `${name}:${lines[0]}`),
  );
  expect(found).toEqual([]);
});

test('a folder imports only folders of lower rank', () => {
  const found = sources.flatMap(({ name, folder, imports }) =>
    imports
      .filter((target) => !mayImport(folder, target.split('/')[0] ?? ''))
      .map((target) => `${name} imports ${target}`),
  );
  expect(found).toEqual([]);
});

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === 'embedded') return allowedInEmbedded.includes(to);
  const [own, other] = [ranks[from], ranks[to]];
  return own !== undefined && other !== undefined && other < own;
}

test('every folder has a rank', () => {
  expect([...new Set(sources.map(({ folder }) => folder))].filter((folder) => !(folder in ranks))).toEqual(
    [],
  );
});

test('no file imports itself by way of others, types counted', () => {
  const targets = new Map(sources.map(({ name, imports }) => [name, imports]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (state.get(name) === 'open') cycles.push([...path.slice(path.indexOf(name)), name].join(' → '));
    if (state.has(name)) return;
    state.set(name, 'open');
    for (const target of targets.get(name) ?? []) visit(target, [...path, name]);
    state.set(name, 'done');
  };
  for (const name of targets.keys()) visit(name, []);
  expect(cycles).toEqual([]);
});

test('nothing is put off in the sources', () => {
  const words = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'not implemented ' + 'yet'].join('|'), 'i');
  expect(sources.filter(({ text }) => words.test(text)).map(({ name }) => name)).toEqual([]);
});

test('tracked files name no machine and no registry', () => {
  const patterns = [
    new RegExp(`(^|[\\s"'(=])/${'work'}/(main|shared)`),
    new RegExp(`/${'home'}/[a-z]+/|/${'root'}/`),
    new RegExp(`${'registry'}\\.npmjs|${'artifact'}ory|${'nexus'}\\.`),
  ];
  const found = tracked()
    .filter((name) => !/\.(jsonl|bin|wasm)$/.test(name) && existsSync(join(root, name)))
    .filter((name) => {
      const text = readFileSync(join(root, name), 'utf8');
      return patterns.some((pattern) => pattern.test(text));
    });
  expect(found).toEqual([]);
});

test('the lock file names no host that packages came from', () => {
  const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  );
  const resolved = Object.entries(lock.packages).filter(([, entry]) => /^https?:/.test(entry.resolved ?? ''));
  expect(resolved.map(([name]) => name)).toEqual([]);
});

test('dependencies are pinned to one version', () => {
  const manifest: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  );
  expect(loose).toEqual([]);
});
