import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { DynamicClient, metadataFrom } from '../support/dynamic-client.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { projectRoot, type Recipe, readRecipes } from '../support/readme.js';

const recipes = readRecipes();
const documentedAddress = '127.0.0.1:50051';
const hasTools = ['grpcurl', 'jq', 'bash', 'gunzip'].every((tool) => isOnPath(tool));

describe(`the README's recipes, run ${hasTools ? 'by grpcurl' : 'by a client made from the .proto files (grpcurl or jq is missing)'}`, () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  // One after the other, on one gateway: that is how they are read.
  test.each(recipes.map((recipe) => [recipe.title, recipe] as const))(
    'recipe %s works as printed',
    async (_title, recipe) => {
      const reply = hasTools
        ? await runInShell(recipe, gateway.address)
        : await runByClient(recipe, gateway.address);
      if (recipe.output !== undefined) expect(rounded(reply)).toMatchObject(rounded(recipe.output) as object);
    },
    60_000,
  );
});

test('the README has a recipe for create, upsert, search, query and stream', () => {
  const commands = recipes.map(({ command }) => command).join('\n');
  for (const rpc of [
    'CreateCollection',
    'UpsertPoints',
    'SearchPoints',
    'QueryPoints',
    'StreamUpsertPoints',
  ]) {
    expect(commands).toContain(`/${rpc}\n`);
  }
});

function isOnPath(tool: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
}

// Not by execFileSync: the gateway that answers is in this process.
async function runInShell(recipe: Recipe, address: string): Promise<unknown> {
  const command = recipe.command.replaceAll(documentedAddress, address);
  const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], {
    cwd: projectRoot,
    encoding: 'utf8',
    timeout: 50_000,
  });
  return JSON.parse(stdout);
}

async function runByClient({ command }: Recipe, address: string): Promise<unknown> {
  const headers = [...command.matchAll(/-H '([^']*)'/g)].map(([, header = '']) => header);
  const rpc = /(\S+\/\w+)\s*$/.exec(command)?.[1] ?? '';
  const data = /-d '([^']*)'/.exec(command)?.[1];
  const client = new DynamicClient(address);
  try {
    const messages = data === undefined ? packageMessages() : [JSON.parse(data)];
    return await client.call(rpc, metadataFrom(headers), messages);
  } finally {
    client.close();
  }
}

// What the jq program of the recipe makes of the file.
function packageMessages() {
  const file = readFileSync(join(projectRoot, 'examples', 'data', 'packages.jsonl.gz'));
  const lines = gunzipSync(file).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { id, vector, payload } = JSON.parse(line);
    return { collection: 'packages', points: [{ id: { num: id }, vector, payload_struct: payload }] };
  });
}

// Printers differ in the last digits of a float.
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 1e5) / 1e5;
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
}
