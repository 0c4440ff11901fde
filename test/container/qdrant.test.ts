import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { projectRoot } from '../support/readme.js';

const image = 'qdrant/qdrant:v1.18.3';
const hasDocker = spawnSync('docker', ['info'], { timeout: 10_000 }).status === 0;
// A run that is on a Qdrant already must not start another one inside itself.
const isNeeded = process.env.QDRANT_URL === undefined;

if (!hasDocker && isNeeded) {
  process.stderr.write(
    `\nSKIPPED: the contract, isolation and e2e suites on ${image}: there is no Docker daemon. ` +
      'Set QDRANT_URL to run them on a Qdrant of your own.\n',
  );
}

(hasDocker && isNeeded ? describe : describe.skip)(`on ${image} in a container`, () => {
  let container: StartedTestContainer;

  beforeAll(async () => {
    container = await new GenericContainer(image)
      .withExposedPorts(6334)
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
  }, 300_000);
  afterAll(() => container.stop());

  test('the contract, isolation and e2e suites pass', () => {
    const url = `http://${container.getHost()}:${container.getMappedPort(6334)}`;
    const jest = join(projectRoot, 'node_modules', 'jest', 'bin', 'jest.js');
    const run = spawnSync(process.execPath, [jest, 'test/contract', 'test/isolation', 'test/e2e'], {
      cwd: projectRoot,
      env: { ...process.env, QDRANT_URL: url },
      encoding: 'utf8',
      timeout: 900_000,
    });
    if (run.status !== 0) throw new Error(`the suites failed on ${url}:\n${run.stderr}`);
  }, 1_000_000);
});
