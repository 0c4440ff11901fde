import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import {
  type ExampleLoop,
  examplePoints,
  generateStubs,
  linesIn,
  runOnRefusals,
  runThroughKill,
} from '../support/example-loop.js';
import { projectRoot } from '../support/readme.js';

// Long, because the first build compiles grpc-go: half a minute.
const folder = join(projectRoot, 'examples/go');
// Where `go install` puts the plugins; nothing is downloaded here.
const env = {
  ...process.env,
  PATH: [process.env.PATH, join(homedir(), 'go/bin')].join(delimiter),
  GOPROXY: 'off',
  GOFLAGS: '-mod=readonly',
};
const modules = ['google.golang.org/grpc', 'google.golang.org/protobuf/encoding/protojson'];
const isThere = [
  ['protoc-gen-go', '--version'],
  ['protoc-gen-go-grpc', '--version'],
  ['go', 'list', '-deps', ...modules],
].every(([command = '', ...args]) => spawnSync(command, args, { cwd: folder, env }).status === 0);

if (!isThere) {
  process.stderr.write(
    '\nSKIPPED: the loop in Go: there is no go, or no protoc-gen-go, protoc-gen-go-grpc and modules of the example. ' +
      'examples/go/README.md says how to install them.\n',
  );
}

test('no file has more than 60 lines', () => {
  const lines = linesIn('examples/go', '.go');
  expect(Object.keys(lines)).toContain('loop.go');
  expect(Object.entries(lines).filter(([, count]) => count > 60)).toEqual([]);
});

(isThere ? describe : describe.skip)('the loop in Go', () => {
  const built = mkdtempSync(join(tmpdir(), 'vector-gateway-go-'));
  const program = join(built, 'ingest');
  const loop: ExampleLoop = { command: [program], env };

  beforeAll(() => {
    generateStubs('go', built, env);
    const sources = join(built, 'examples/go');
    for (const name of readdirSync(folder).filter((file) => /\.(go|mod|sum)$/.test(file))) {
      cpSync(join(folder, name), join(sources, name));
    }
    const build = spawnSync('go', ['build', '-o', program, '.'], { cwd: sources, env, encoding: 'utf8' });
    if (build.status !== 0) throw new Error(build.stderr);
  }, 180_000);
  afterAll(() => rmSync(built, { recursive: true, force: true }));

  test('stores every point although the gateway is killed', async () => {
    const { code, out, err, stored } = await runThroughKill(loop);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `stored ${examplePoints.length}, rejected 0\n`,
      err: '',
    });
    expect(stored).toEqual(examplePoints);
  }, 60_000);

  test('tells refused points by their line, and ends at once with what does not pass', async () => {
    const { refused, missing } = await runOnRefusals(loop);
    expect(refused).toMatchObject({ code: 0, out: 'stored 1, rejected 1\n' });
    expect(refused.err).toMatch(/^line 2: VECTOR_DIMENSION_MISMATCH: vector: has 3 floats/);
    expect(missing).toMatchObject({ code: 1, out: 'stored 0, rejected 0\n' });
    expect(missing.err).toContain('NotFound desc = collection "none" does not exist');
  });
});
