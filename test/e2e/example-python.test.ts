import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

const folder = join(projectRoot, 'examples/python');
// The environment that the example's README makes, where it was made.
const path = [join(folder, '.venv/bin'), process.env.PATH].join(delimiter);
const needed = spawnSync('python3', ['-c', 'import grpc, grpc_tools'], { env: { PATH: path } });
const isThere = needed.status === 0;

if (!isThere) {
  process.stderr.write(
    '\nSKIPPED: the loop in Python: there is no python3 with grpcio and grpcio-tools. ' +
      'examples/python/README.md says how to install them.\n',
  );
}

test('no file has more than 60 lines', () => {
  const lines = linesIn('examples/python', '.py');
  expect(Object.keys(lines)).toContain('loop.py');
  expect(Object.entries(lines).filter(([, count]) => count > 60)).toEqual([]);
});

(isThere ? describe : describe.skip)('the loop in Python', () => {
  const stubs = mkdtempSync(join(tmpdir(), 'vector-gateway-python-'));
  const loop: ExampleLoop = {
    command: ['python3', join(folder, 'ingest.py')],
    env: { PATH: path, PYTHONPATH: join(stubs, 'examples/python/gen'), PYTHONDONTWRITEBYTECODE: '1' },
  };

  beforeAll(() => generateStubs('python', stubs, { PATH: path }));
  afterAll(() => rmSync(stubs, { recursive: true, force: true }));

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
    expect(missing.err).toContain('NOT_FOUND: collection "none" does not exist');
  });
});
