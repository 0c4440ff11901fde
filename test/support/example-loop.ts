import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Client, createClient, type StoredPoint } from '../../src/client/index.js';
import type { CliResult } from './cli-process.js';
import { eventually } from './eventually.js';
import { startTestGateway } from './gateway.js';
import { serveAgain } from './ingest-kill.js';
import { projectRoot } from './readme.js';

const data = readFileSync(join(projectRoot, 'examples/data/packages.jsonl.gz'));

/** A loop of examples/, as a command that takes address, tenant, collection and file. */
export interface ExampleLoop {
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
}

/** What the example data holds, in the form in which points are read. */
export const examplePoints: readonly StoredPoint[] = gunzipSync(data)
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ id, vector, payload }) => ({ id: BigInt(id), vector: Float32Array.from(vector), payload }));

/** The lines of a folder's sources, file by file. */
export function linesIn(folder: string, extension: string): Record<string, number> {
  const names = readdirSync(join(projectRoot, folder)).filter((name) => name.endsWith(extension));
  const linesOf = (name: string) =>
    readFileSync(join(projectRoot, folder, name), 'utf8')
      .trimEnd()
      .split('\n').length;
  return Object.fromEntries(names.map((name) => [name, linesOf(name)]));
}

/** Generates the stubs of examples/`language` below `folder`. */
export function generateStubs(language: string, folder: string, env: NodeJS.ProcessEnv): void {
  const buf = join(projectRoot, 'node_modules/.bin/buf');
  const template = `examples/${language}/buf.gen.yaml`;
  execFileSync(buf, ['generate', '--template', template, '-o', folder], { cwd: projectRoot, env });
}

/** What a loop says of a file whose second point of two is refused, and what when the collection does not exist. */
export async function runOnRefusals(
  loop: ExampleLoop,
): Promise<{ readonly refused: CliResult; readonly missing: CliResult }> {
  const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-example-'));
  const file = join(folder, 'two.jsonl');
  writeFileSync(file, '{"id":1,"vector":[1,2]}\n{"id":2,"vector":[1,2,3]}\n');
  const { address, close } = await startTestGateway();
  const client = createClient({ address, tenant: '42' });
  await client.collections.create('docs', { vectorSize: 2 });
  const refused = await startLoop(loop, [address, '42', 'docs', file]).ended;
  const missing = await startLoop(loop, [address, '42', 'none', file]).ended;
  client.close();
  await close();
  rmSync(folder, { recursive: true, force: true });
  return { refused, missing };
}

function startLoop({ command: [file, ...first], env }: ExampleLoop, args: readonly string[]) {
  const child: ChildProcess = spawn(file, [...first, ...args], { env, timeout: 50_000 });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    err += String(chunk);
  });
  const ended = new Promise<CliResult>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ code, out, err }));
  });
  return { ended };
}

/**
 * Runs a loop on the example data and kills the gateway in the middle: the loop is given the data through a pipe, and
 * the last third only when the gateway, which had stored some of it, is back.
 */
export async function runThroughKill(
  loop: ExampleLoop,
): Promise<CliResult & { readonly stored: StoredPoint[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-example-'));
  const pipe = join(folder, 'packages.jsonl.gz');
  execFileSync('mkfifo', [pipe]);
  const dataDir = join(folder, 'data');
  let gateway = await serveAgain(dataDir);
  const { address } = gateway;
  const client = createClient({ address, tenant: '42' });
  await client.collections.create('packages', { vectorSize: 256, distance: 'dot' });
  const { ended } = startLoop(loop, [address, '42', 'packages', pipe]);
  const early = ended.then(({ err }) => {
    throw new Error(`the loop ended before it had read everything: ${err}`);
  });
  const feed = async (): Promise<void> => {
    const writer = await open(pipe, 'w');
    const most = Math.ceil((data.length * 2) / 3);
    const written = writer.writeFile(data.subarray(0, most));
    await eventually('points are stored', async () => (await client.points('packages').count()) > 0, 15_000);
    gateway.child.kill('SIGKILL');
    await gateway.ended;
    gateway = await serveAgain(dataDir, address.split(':')[1]);
    await written;
    await writer.writeFile(data.subarray(most));
    await writer.close();
  };
  await Promise.race([feed(), early]);
  const end = await ended;
  const stored = await everyPoint(client);
  client.close();
  gateway.child.kill('SIGTERM');
  await gateway.ended;
  rmSync(folder, { recursive: true, force: true });
  return { ...end, stored };
}

async function everyPoint(client: Client): Promise<StoredPoint[]> {
  const points: StoredPoint[] = [];
  for await (const point of client.points('packages').exportAll()) points.push(point);
  return points;
}
